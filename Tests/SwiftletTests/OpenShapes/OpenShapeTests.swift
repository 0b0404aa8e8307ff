import CTestSupport
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Every operator of the table with shapes that are known only while running: once the largest have been seen, no smaller
/// ones take memory, and the results are those of the model with closed shapes.
@Suite struct OpenShapeTests {
  static let cases: [OpenCase] = [
    OpenCase.elementwise, OpenCase.reductions, OpenCase.layers, OpenCase.pictures, OpenCase.movement, OpenCase.indices,
    OpenCase.signals, OpenCase.recurrent, OpenCase.control,
  ].flatMap { $0 }

  /// More than any number of plans that could be kept.
  private static let runs = 71

  /// The operators of the table that no case is about. Only those that keep state beside their operands may be: their
  /// state has the size that preparing gave it, so a shape that is not known then is refused.
  @Test func everyOperatorHasACaseOrRefusesOpenShapes() {
    let builtin = Set(Self.cases.map { $0.code })
    for code in 0..<256 where code != OperatorCode.custom {
      guard let entry = OperatorTable.builtin(code) else { continue }
      let name = OperatorCode(builtin: code, customName: "", version: 1).name
      #expect(builtin.contains(code) || entry.traits.contains(.stateful), "\(name) has no case")
    }
    let custom = Set(Self.cases.map { $0.custom })
    for (name, _) in OperatorTable.customNames {
      guard let entry = OperatorTable.custom(name.string) else { continue }
      #expect(custom.contains(name.string) || entry.traits.contains(.stateful), "\(name) has no case")
    }
  }

  @Test(arguments: [("SignalDelay", [1]), ("SignalOverlapAdd", [2, 2])] as [(String, [Int])])
  func operatorsWithStateRefuseOpenShapes(name: String, shape: [Int]) throws {
    var node = OneNode(OperatorCode.custom, [.input(.int16, shape)], [.int16])
    node.custom = name
    node.customOptions = flexBuffer(["delay_length": .int(1), "frame_step": .int(1)])
    node.cut = [0]
    #expect(node.refusal()?.code == .dynamicShape)
  }

  /// Shapes and bytes of all outputs.
  private func results(_ interpreter: Interpreter) -> [(shape: [Int], bytes: [UInt8])] {
    interpreter.program.outputs.indices.map { index in
      (interpreter.outputShape(index).dimensions, unsafe interpreter.withOutputBytes(index) { unsafe Array($0) })
    }
  }

  private func program(_ model: ModelBuilder) throws -> Program {
    try Program(model: Model(bytes: ModelBytes(copying: model.build())))
  }

  @Test(arguments: cases) func smallerShapesAllocateNothingAndChangeNothing(_ test: OpenCase) throws {
    #expect(test.shapeCount >= Self.runs || test.largest.isEmpty)
    let open = try program(test.openModel())
    #expect(open.isGuarded)
    for isRehearsal in [true, false] {  // the first use of a generic type in a process allocates its description
      let interpreter = try Interpreter(program: open)
      for number in 0..<Self.runs {
        let sides = test.sides(number)
        try test.setOpen(interpreter, sides)
        interpreter.resetVariables()
        let before = swt_allocation_count()
        try interpreter.invoke()
        let allocations = swt_allocation_count() - before
        #expect(isRehearsal || number == 0 || allocations == 0, "\(allocations) allocations for \(sides)")
        guard !isRehearsal, number % 5 == 0 else { continue }
        let closed = try Interpreter(program: program(test.closedModel(sides)))
        try test.setClosed(closed, sides)
        try closed.invoke()
        for (found, expected) in zip(results(interpreter), results(closed)) {
          #expect(found.shape == expected.shape, "\(sides)")
          #expect(found.bytes == expected.bytes, "\(sides)")
        }
      }
    }
  }

  /// A shape that is refused leaves the plan ready for one that fits.
  @Test func aRefusedShapeLeavesThePlanReady() throws {
    let test = OpenCase(
      "SPACE_TO_DEPTH", 26, [.open(.float32, 1, .a, .b, 1)], [.float32], largest: [8, 8], options: [0: .int32(2)])
    let interpreter = try Interpreter(program: program(test.openModel()))
    for sides in [[8, 8], [7, 8], [6, 4], [3, 2], [2, 2]] {
      try test.setOpen(interpreter, sides)
      guard sides.allSatisfy({ $0 % 2 == 0 }) else {
        #expect(throws: InvokeError.self) { try interpreter.invoke() }
        continue
      }
      try interpreter.invoke()
      #expect(interpreter.outputShape(0).dimensions == [1, sides[0] / 2, sides[1] / 2, 4])
    }
  }
}
