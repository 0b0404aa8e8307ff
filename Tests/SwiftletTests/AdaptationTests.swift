import CTestSupport
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Operators whose plan follows shapes that change from one invocation to the next, see `AdaptableOperator`.
@Suite struct AdaptationTests {
  private static let f = ElementType.float32
  private static let eighth = QuantizationSpec.perTensor(0.125, 3)

  /// A node, and what follows its own inputs in each run: the first run has the largest shapes.
  struct Case: CustomTestStringConvertible {
    let name: String
    let node: OneNode
    /// By run and by input behind the data: sizes of the pieces, or values that decide about shapes.
    let runs: [[[Double]]]

    var testDescription: String { name }

    init(_ name: String, _ node: OneNode, cut: Set<Int> = [], _ runs: [[[Double]]]) {
      var node = node
      node.cut = cut
      (self.name, self.node, self.runs) = (name, node, runs)
    }
  }

  /// Rows that are taken of a matrix of 8 rows and so many columns.
  private static func rows(_ columns: Double, of operands: Int = 1) -> [[[Double]]] {
    [8, 3, 7, 1, 0, 5].map { rows in Array(repeating: [rows, columns], count: operands) }
  }

  private static func matrix(_ columns: Int, _ type: ElementType = .float32) -> OneNode.Value {
    .input(type, [8, columns], type.isQuantized ? eighth : nil)
  }

  private static let elementwise: [Case] = [
    Case("RELU", OneNode(19, [matrix(4)], [f]), cut: [0], rows(4)),
    Case(
      "LOGISTIC int8", OneNode(14, [matrix(4, .int8)], [.int8], quantization: .perTensor(1 / 256, -128)), cut: [0],
      rows(4)),
    Case("LOGICAL_NOT", OneNode(87, [matrix(4, .bool)], [.bool]), cut: [0], rows(4)),
    Case("CAST", OneNode(53, [matrix(4)], [.int32]), cut: [0], rows(4)),
    Case("QUANTIZE", OneNode(114, [matrix(4)], [.int8], quantization: eighth), cut: [0], rows(4)),
    Case("DEQUANTIZE", OneNode(6, [matrix(4, .int8)], [f]), cut: [0], rows(4)),
    Case("ADD", OneNode(0, [matrix(4), matrix(4)], [f]), cut: [0, 1], rows(4, of: 2)),
    Case(
      "ADD, one row broadcast", OneNode(0, [matrix(4), matrix(4)], [f]), cut: [0, 1],
      [[[8, 4], [1, 4]], [[1, 4], [5, 4]], [[3, 1], [1, 2]], [[2, 2], [1, 1]]]),
    Case(
      "ADD int8 by table",
      OneNode(
        0, [.input(.int8, [64, 8], eighth), .constant(.int8, [1], [9], eighth)], [.int8], quantization: eighth),
      cut: [0], [[[64, 8]], [[40, 8]], [[63, 8]], [[1, 1]]]),
    Case(
      "MUL uint8", OneNode(18, [matrix(4, .uint8), matrix(4, .uint8)], [.uint8], quantization: eighth), cut: [0, 1],
      rows(4, of: 2)),
    Case("GREATER", OneNode(61, [matrix(4), .constant(f, [4], [0, 1, 2, 3])], [.bool]), cut: [0], rows(4)),
    Case("LOGICAL_AND", OneNode(86, [matrix(4, .bool), matrix(4, .bool)], [.bool]), cut: [0, 1], rows(4, of: 2)),
    Case(
      "SELECT_V2", OneNode(123, [matrix(1, .bool), matrix(4), .constant(f, [], [-1])], [f]), cut: [0, 1],
      [8, 3, 5, 1].map { [[$0, 1], [$0, 4]] }),
    Case(
      "SELECT", OneNode(64, [.input(.bool, [8]), matrix(4), matrix(4)], [f]), cut: [0, 1, 2],
      [8, 3, 5, 1].map { [[$0], [$0, 4], [$0, 4]] }),
  ]

  private static let reductions: [Case] = [
    Case(
      "SOFTMAX", OneNode(25, [matrix(4)], [f], options: [0: .float(1)]), cut: [0],
      [[[8, 4]], [[3, 4]], [[5, 2]], [[1, 1]]]),
    Case("SUM of columns", OneNode(74, [matrix(4), .ints(0)], [f]), cut: [0], rows(4)),
    Case(
      "MEAN of rows", OneNode(40, [matrix(4), .ints(-1)], [f], options: [0: .bool(true)]), cut: [0],
      [[[8, 4]], [[3, 4]], [[5, 2]], [[1, 1]]]),
    Case(
      "MEAN int8 of rows", OneNode(40, [matrix(4, .int8), .ints(1)], [.int8], quantization: eighth), cut: [0], rows(4)),
    Case("REDUCE_MAX", OneNode(82, [matrix(4), .ints(0)], [f]), cut: [0], rows(4)),
    Case("REDUCE_PROD", OneNode(81, [matrix(4), .ints(1)], [f]), cut: [0], rows(4)),
    Case("REDUCE_ANY", OneNode(91, [matrix(4, .bool), .ints(1)], [.bool]), cut: [0], rows(4)),
    Case("ARG_MAX", OneNode(56, [matrix(4), .scalar(1)], [.int32]), cut: [0], rows(4)),
  ]

  private static let weights = OneNode.Value.constant(f, [3, 4], (0..<12).map { Double($0) / 4 })
  private static let int8Weights = OneNode.Value.constant(
    .int8, [3, 4], (0..<12).map { Double($0) * 9 - 50 }, .perTensor(0.5, 0))

  private static let matrices: [Case] = [
    Case("FULLY_CONNECTED", OneNode(9, [matrix(4), weights], [f]), cut: [0], rows(4)),
    Case(
      "FULLY_CONNECTED int8", OneNode(9, [matrix(4, .int8), int8Weights], [.int8], quantization: .perTensor(4, 0)),
      cut: [0], rows(4)),
    Case("FULLY_CONNECTED hybrid", OneNode(9, [matrix(4), int8Weights], [f]), cut: [0], rows(4)),
    Case(
      "BATCH_MATMUL", OneNode(126, [matrix(4), .input(f, [4, 6])], [f]), cut: [0, 1],
      [[[8, 4], [4, 6]], [[3, 2], [2, 5]], [[7, 4], [4, 1]], [[1, 1], [1, 6]]]),
    Case(
      "BATCH_MATMUL with the left transposed",
      OneNode(126, [.input(f, [2, 4, 8]), .input(f, [1, 4, 6])], [f], options: [0: .bool(true)]), cut: [0],
      [[[2, 4, 8]], [[1, 4, 8]], [[2, 4, 3]]]),
    Case(
      "BATCH_MATMUL int8",
      OneNode(126, [matrix(4, .int8), .input(.int8, [4, 6], eighth)], [.int8], quantization: .perTensor(2, 0)),
      cut: [0], rows(4)),
    Case(
      "BATCH_MATMUL hybrid",
      OneNode(
        126, [matrix(4), .constant(.int8, [4, 3], (0..<12).map { Double($0) * 9 - 50 }, .perTensor(0.5, 0))], [f]),
      cut: [0], rows(4)),
  ]

  private static let movement: [Case] = [
    Case(
      "GATHER", OneNode(36, [.constant(f, [5, 2], counting(10)), .input(.int32, [8])], [f], options: [0: .int32(0)]),
      cut: [1],
      [[[8]], [[3]], [[7]], [[1]]]),
    Case(
      "GATHER of a piece", OneNode(36, [matrix(4), .input(.int32, [8])], [f], options: [0: .int32(1)]), cut: [0, 1],
      [[[8, 4], [8]], [[3, 4], [2]], [[7, 2], [5]]]),
    Case(
      "GATHER_ND", OneNode(107, [matrix(4), .input(.int64, [8, 2])], [f]), cut: [0, 1],
      [[[8, 4], [8, 1]], [[3, 4], [2, 2]], [[7, 2], [5, 1]]]),
    Case(
      "CONCATENATION", OneNode(2, [matrix(4), matrix(4)], [f], options: [0: .int32(0)]), cut: [0, 1],
      [[[8, 4], [8, 4]], [[3, 2], [1, 2]], [[7, 4], [0, 4]]]),
    Case(
      "CONCATENATION of columns", OneNode(2, [matrix(4), matrix(4)], [f], options: [0: .int32(-1)]), cut: [0, 1],
      [[[8, 4], [8, 4]], [[3, 2], [3, 1]], [[7, 4], [7, 3]]]),
    Case(
      "TRANSPOSE", OneNode(39, [matrix(4), .ints(1, 0)], [f]), cut: [0], [[[8, 4]], [[3, 4]], [[8, 1]], [[5, 3]]]),
    Case("RESHAPE by option", OneNode(22, [matrix(4)], [f], options: [0: .int32Vector([-1, 2])]), cut: [0], rows(4)),
    Case(
      "RESHAPE by a computed shape", OneNode(22, [matrix(4), .input(.int32, [2])], [f]), cut: [0],
      [[[4, -1], [8, 4]], [[-1, 3], [3, 4]], [[1, 28], [7, 4]]]),
    Case(
      "SQUEEZE", OneNode(43, [.input(f, [1, 8, 1])], [f], options: [0: .int32Vector([0])]), cut: [0],
      [[[1, 8, 1]], [[1, 3, 1]]]),
    Case(
      "SQUEEZE of all", OneNode(43, [.input(f, [2, 8, 1])], [f]), cut: [0], [[[2, 8, 1]], [[1, 3, 1]], [[2, 1, 1]]]),
    Case("EXPAND_DIMS", OneNode(70, [matrix(4), .scalar(-1)], [f]), cut: [0], rows(4)),
    Case("SHAPE", OneNode(77, [matrix(4)], [.int64]), cut: [0], rows(4)),
    Case(
      "SLICE", OneNode(65, [matrix(4), .input(.int32, [2]), .input(.int64, [2])], [f]),
      [
        [[0, 0], [8, 4]], [[1, 2], [3, 2]], [[7, 0], [-1, 4]], [[2, 1], [0, -1]],
      ]),
    Case(
      "STRIDED_SLICE",
      OneNode(45, [matrix(4), .input(.int32, [2]), .input(.int32, [2]), .ints(1, -1)], [f], options: [1: .int32(2)]),
      [
        [[0, 3], [8, 0]], [[1, 2], [3, 2]], [[-1, 0], [8, 4]], [[2, 1], [2, -1]],
      ]),
    Case(
      "STRIDED_SLICE with an ellipsis",
      OneNode(
        45, [.input(f, [4, 3, 5]), .input(.int32, [2]), .input(.int32, [2]), .ints(1, 2)], [f], options: [2: .int32(1)]),
      [
        [[0, 0], [0, 5]], [[0, 1], [0, 3]], [[0, 4], [0, 5]],
      ]),
    Case("TILE", OneNode(69, [matrix(2), .input(.int32, [2])], [f]), [[[3, 4]], [[1, 2]], [[2, 1]], [[0, 4]]]),
    Case(
      "FILL", OneNode(94, [.input(.int32, [2]), .scalar(7)], [.int32]), [[[30, 9]], [[3, 4]], [[8, 1]], [[0, 2]]]),
    Case(
      "BROADCAST_TO", OneNode(130, [.constant(f, [1, 4], counting(4)), .input(.int32, [3])], [f]),
      [[[5, 6, 4]], [[1, 1, 4]], [[2, 3, 4]]]),
    Case(
      "TOPK_V2", OneNode(48, [matrix(4), .input(.int32, [])], [f, .int32]), cut: [0],
      [[[4], [8, 4]], [[2], [3, 4]], [[1], [7, 2]], [[0], [1, 4]]]),
    Case(
      "RANGE int32", OneNode(96, [.scalar(3), .input(.int32, []), .scalar(2)], [.int32]),
      [[[50]], [[3]], [[20]], [[4]]]),
    Case(
      "RANGE float32", OneNode(96, [.input(f, []), .constant(f, [], [9]), .constant(f, [], [0.5])], [f]),
      [[[0]], [[3]], [[8.75]]]),
    Case("WHERE", OneNode(109, [matrix(4, .int32)], [.int64]), cut: [0], rows(4)),
    Case(
      "NON_MAX_SUPPRESSION_V4",
      OneNode(
        120,
        [
          matrix(4), .input(f, [8]), .input(.int32, []), .constant(f, [], [0.5]), .constant(f, [], [-9]),
        ], [.int32, .int32]), cut: [0, 1],
      [[[8], [8, 4], [8]], [[2], [3, 4], [3]], [[5], [7, 4], [7]]]),
    Case(
      "NON_MAX_SUPPRESSION_V5",
      OneNode(
        121,
        [
          matrix(4), .input(f, [8]), .input(.int32, []), .constant(f, [], [0.5]), .constant(f, [], [-9]),
          .constant(f, [], [0.25]),
        ], [.int32, f, .int32]), cut: [0, 1],
      [[[8], [8, 4], [8]], [[2], [3, 4], [3]], [[5], [7, 4], [7]]]),
  ]

  /// Gives the data the same elements in every run, and what follows it the values of `run`.
  private func set(_ node: OneNode, _ run: [[Double]], in interpreter: Interpreter) throws {
    let inputs = interpreter.program.inputs
    let data = inputs.count - run.count
    for (index, input) in inputs.enumerated() {
      let count = input.shape.elementCount
      let values = index < data ? (0..<count).map { Double($0 * 7 % 11) } : run[index - data]
      try interpreter.setBytes(
        index, values.flatMap { input.type.bytes(of: input.type == .bool ? $0 > 5 ? 1 : 0 : $0) })
    }
  }

  private func results(_ interpreter: Interpreter) -> [[Double]] {
    interpreter.program.outputs.indices.map { index in
      interpreter.outputShape(index).dimensions.map { Double($0) } + interpreter.elements(index)
    }
  }

  @Test(arguments: elementwise + reductions + matrices + movement)
  func shapesNeverSeenAllocateNothingOnceTheLargestHasBeenSeen(_ test: Case) throws {
    let program = try test.node.program()
    for isRehearsal in [true, false] {  // the first use of a generic type in a process allocates its description
      let interpreter = try Interpreter(program: program)
      for (number, run) in test.runs.enumerated() {
        try set(test.node, run, in: interpreter)
        let before = swt_allocation_count()
        try interpreter.invoke()
        let allocations = swt_allocation_count() - before
        #expect(isRehearsal || number == 0 || allocations == 0, "\(allocations) for \(run)")
        let fresh = try Interpreter(program: program)
        try set(test.node, run, in: fresh)
        try fresh.invoke()
        #expect(results(interpreter) == results(fresh), "\(run)")
      }
    }
  }

  /// What is positive, found, gathered, put through a layer and summed up.
  private static func search() -> [UInt8] {
    var model = ModelBuilder()
    let input = model.tensor("input", f, [8, 4])
    let zero = model.constant("zero", f, [], [0] as [Float])
    let axis = model.constant("axis", .int32, [], [1] as [Int32])
    let rows = model.constant("rows", .int32, [1], [0] as [Int32])
    let weights = model.constant("weights", f, [3, 1], [1, -2, 0.5] as [Float])
    let mask = model.tensor("mask", .bool, [8, 4])
    let open = ["places", "values", "column", "layer", "shares"].map { name in
      model.tensor(name, name == "places" ? .int64 : f, [])
    }
    let total = model.tensor("total", f, [3])
    model.operation(61, inputs: [input, zero], outputs: [mask])
    model.operation(109, inputs: [mask], outputs: [open[0]])
    model.operation(107, inputs: [input, open[0]], outputs: [open[1]])
    model.operation(70, inputs: [open[1], axis], outputs: [open[2]])
    model.operation(9, inputs: [open[2], weights], outputs: [open[3]], options: OptionsSpec(8))
    model.operation(25, inputs: [open[3]], outputs: [open[4]], options: OptionsSpec(9, [0: .float(1)]))
    model.operation(74, inputs: [open[4], rows], outputs: [total], options: OptionsSpec(27))
    model.setInputs([input], outputs: [open[1], total])
    return model.build()
  }

  @Test func aModelThatFindsLessThanBeforeAllocatesNothing() throws {
    let program = try Program(model: Model(bytes: ModelBytes(copying: Self.search())))
    for isRehearsal in [true, false] {
      let interpreter = try Interpreter(program: program)
      for count in [32, 5, 17, 1, 0, 31] {
        let values = (0..<32).map { Float($0 * 5 % 32 < count ? 1 + $0 : -1) }
        try interpreter.setInput(0, to: values)
        let before = swt_allocation_count()
        try interpreter.invoke()
        let allocations = swt_allocation_count() - before
        #expect(isRehearsal || count == 32 || allocations == 0, "\(allocations) for \(count)")
        let found = interpreter.elements(0)
        #expect(found == values.filter { $0 > 0 }.map { Double($0) })
        let sums = interpreter.elements(1)
        #expect(abs(sums.reduce(0, +) - Double(count)) < 1e-4)
      }
    }
  }
}
