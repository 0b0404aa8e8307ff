import CTestSupport
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Operators whose shapes or values are known only while running.
@Suite struct RunTimeShapeTests {
  private static let f = ElementType.float32

  /// Runs one interpreter on several inputs after another; each gives the shape and the elements of output 0.
  private func results(
    _ node: OneNode, _ runs: [[[Double]]], memoryBudget: Int = 1 << 26
  ) throws -> [(shape: [Int], elements: [Double])] {
    var options = PrepareOptions()
    options.memoryBudget = memoryBudget
    let interpreter = try Interpreter(program: node.program(options))
    return try runs.map { inputs in
      try set(inputs, in: interpreter)
      try interpreter.invoke()
      return (interpreter.outputShape(0).dimensions, interpreter.elements(0))
    }
  }

  private func set(_ inputs: [[Double]], in interpreter: Interpreter) throws {
    for (index, values) in inputs.enumerated() {
      try interpreter.setBytes(index, values.flatMap { interpreter.program.inputs[index].type.bytes(of: $0) })
    }
  }

  private func expect(_ node: OneNode, _ runs: [(inputs: [[Double]], shape: [Int], elements: [Double])]) throws {
    let found = try results(node, runs.map(\.inputs))
    for (found, run) in zip(found, runs) {
      #expect(found.shape == run.shape)
      #expect(found.elements == run.elements)
    }
  }

  @Test func whereGivesThePositionsOfWhatIsNotZero() throws {
    try expect(
      OneNode(109, [.input(.int32, [2, 3])], [.int64]),
      [
        ([[0, 5, 0, -1, 0, 2]], [3, 2], [0, 1, 1, 0, 1, 2]), ([[0, 0, 0, 0, 0, 0]], [0, 2], []),
        ([[1, 1, 1, 1, 1, 1]], [6, 2], [0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2]),
      ])
    try expect(OneNode(109, [.input(.float32, [3])], [.int64]), [([[-0.0, .nan, 0.5]], [2, 1], [1, 2])])
  }

  @Test func topKTakesAComputedCount() throws {
    try expect(
      OneNode(48, [.input(.float32, [4]), .input(.int32, [])], [Self.f, .int32]),
      [
        ([[1, 4, 2, 3], [2]], [2], [4, 3]), ([[1, 4, 2, 3], [4]], [4], [4, 3, 2, 1]), ([[1, 4, 2, 3], [0]], [0], []),
      ])
  }

  @Test func shapesAreComputed() throws {
    try expect(
      OneNode(22, [.input(.float32, [6]), .input(.int32, [2])], [Self.f]),
      [([counting(6), [2, 3]], [2, 3], counting(6)), ([counting(6), [-1, 1]], [6, 1], counting(6))])
    try expect(
      OneNode(94, [.input(.int32, [2]), .input(.float32, [])], [Self.f]),
      [
        ([[2, 2], [7]], [2, 2], [7, 7, 7, 7]), ([[0, 9], [7]], [0, 9], []), ([[1, 3], [5]], [1, 3], [5, 5, 5]),
      ])
    try expect(
      OneNode(69, [.input(.float32, [2]), .input(.int32, [1])], [Self.f]),
      [([[1, 2], [3]], [6], [1, 2, 1, 2, 1, 2]), ([[1, 2], [1]], [2], [1, 2])])
    try expect(
      OneNode(130, [.input(.float32, [2]), .input(.int32, [2])], [Self.f]),
      [([[1, 2], [2, 2]], [2, 2], [1, 2, 1, 2])])
  }

  @Test func boundsAreComputed() throws {
    try expect(
      OneNode(65, [.input(.float32, [5]), .input(.int32, [1]), .input(.int32, [1])], [Self.f]),
      [([counting(5), [1], [3]], [3], [1, 2, 3]), ([counting(5), [4], [-1]], [1], [4])])
    try expect(
      OneNode(45, [.input(.float32, [5]), .input(.int32, [1]), .input(.int32, [1]), .ints(2)], [Self.f]),
      [([counting(5), [0], [5]], [3], [0, 2, 4]), ([counting(5), [3], [4]], [1], [3])])
    try expect(
      OneNode(34, [.input(.float32, [2]), .input(.int32, [1, 2])], [Self.f]),
      [([[1, 2], [1, 2]], [5], [0, 1, 2, 0, 0]), ([[1, 2], [0, 0]], [2], [1, 2])])
    try expect(
      OneNode(39, [.input(.float32, [1, 2]), .input(.int32, [2])], [Self.f]), [([[1, 2], [1, 0]], [2, 1], [1, 2])])
  }

  @Test func rangesHaveComputedEnds() throws {
    let numbers: [OneNode.Value] = [.input(.int32, []), .input(.int32, []), .input(.int32, [])]
    try expect(OneNode(96, numbers, [.int32]), [([[1], [7], [2]], [3], [1, 3, 5]), ([[0], [0], [1]], [0], [])])
    try expect(
      OneNode(96, [.input(.float32, []), .input(.float32, []), .input(.float32, [])], [Self.f]),
      [([[0], [1], [0.5]], [2], [0, 0.5])])
  }

  @Test func suppressionSelectsAComputedNumberOfBoxes() throws {
    let node = OneNode(
      120,
      [
        .input(.float32, [3, 4]), .input(.float32, [3]), .input(.int32, []), .constant(.float32, [], [0.5]),
        .constant(.float32, [], [0.1]),
      ], [.int32, .int32])
    let boxes: [Double] = [0, 0, 1, 1, 0, 0, 1, 0.9, 5, 5, 6, 6]
    try expect(
      node,
      [
        ([boxes, [0.5, 0.9, 0.3], [3]], [3], [1, 2, 0]), ([boxes, [0.5, 0.9, 0.3], [1]], [1], [1]),
        ([boxes, [.nan, .nan, .nan], [2]], [2], [0, 0]),
      ])
  }

  // MARK: What goes wrong while running

  private func refusal(_ node: OneNode, _ inputs: [[Double]], memoryBudget: Int = 1 << 26) throws -> PrepareError? {
    do {
      _ = try results(node, [inputs], memoryBudget: memoryBudget)
    } catch InvokeError.refused(let error) {
      #expect(error.node == 0 || error.code.isResource, "\(error.message)")
      return error
    }
    return nil
  }

  @Test func valuesThatDoNotFitAreRefusedWithTheirPlace() throws {
    let topK = OneNode(48, [.input(.float32, [4]), .input(.int32, [])], [Self.f, .int32])
    #expect(try refusal(topK, [[1, 2, 3, 4], [5]])?.code == .valueInvalid)
    #expect(try refusal(topK, [[1, 2, 3, 4], [-1]])?.field.string == "k")
    let fill = OneNode(94, [.input(.int32, [2]), .input(.float32, [])], [Self.f])
    #expect(try refusal(fill, [[2, -2], [7]])?.code == .valueInvalid)
    let reshape = OneNode(22, [.input(.float32, [6]), .input(.int32, [2])], [Self.f])
    #expect(try refusal(reshape, [counting(6), [4, 2]])?.code == .shapeMismatch)
    let tile = OneNode(69, [.input(.float32, [2]), .input(.int32, [1])], [Self.f])
    #expect(try refusal(tile, [[1, 2], [-3]])?.field.string == "multiple")
    let range = OneNode(96, [.input(.int32, []), .scalar(5), .scalar(0)], [.int32])
    #expect(try refusal(range, [[0]])?.code == .valueInvalid)
    let suppression = OneNode(
      120,
      [.input(.float32, [1, 4]), .input(.float32, [1]), .input(.int32, [])] + [
        .constant(.float32, [], [0.5]), .constant(.float32, [], [0]),
      ], [.int32, .int32])
    #expect(try refusal(suppression, [[0, 0, 1, 1], [1], [-1]])?.field.string == "number of boxes")
  }

  @Test func theMemoryBudgetHoldsWhileRunning() throws {
    let fill = OneNode(94, [.input(.int32, [2]), .input(.float32, [])], [Self.f])
    let error = try refusal(fill, [[1_048_576, 1_048_576], [7]])
    #expect(error?.code == .memoryBudget)
    #expect(error?.expected.text == "\(1 << 26)")
    var options = PrepareOptions()
    options.memoryBudget = 1 << 20
    let interpreter = try Interpreter(program: fill.program(options))
    try set([[1024, 1024], [7]], in: interpreter)
    #expect(throws: InvokeError.self) { try interpreter.invoke() }
    try set([[2, 1], [7]], in: interpreter)
    try interpreter.invoke()
    #expect(interpreter.elements(0) == [7, 7])
  }

  @Test func aBoundBeyondTheBudgetIsRefusedWhilePreparing() throws {
    let error = #expect(throws: PrepareError.self) {
      try results(OneNode(109, [.input(.bool, [1 << 20])], [.int64]), [], memoryBudget: 4 << 20)
    }
    #expect(error?.code == .memoryBudget)
  }

  // MARK: Memory

  @Test func shapesSeenBeforeAllocateNothing() throws {
    let nodes: [(OneNode, [[[Double]]])] = [
      (OneNode(109, [.input(.int32, [4])], [.int64]), [[[0, 0, 0, 0]], [[1, 1, 0, 1]], [[1, 1, 1, 1]]]),
      (
        OneNode(48, [.input(.float32, [4]), .input(.int32, [])], [Self.f, .int32]),
        (0...4).map { [[1, 4, 2, 3], [Double($0)]] }
      ),
      (
        OneNode(94, [.input(.int32, [2]), .input(.float32, [])], [Self.f]),
        [[[90, 30], [7]], [[3, 4], [7]], [[20, 20], [1]]]
      ),
    ]
    for (node, runs) in nodes {
      let interpreter = try Interpreter(program: node.program())
      for inputs in runs {
        try set(inputs, in: interpreter)
        try interpreter.invoke()
      }
      var allocations: UInt64 = 0
      for inputs in runs + runs.reversed() {
        try set(inputs, in: interpreter)
        let before = swt_allocation_count()
        try interpreter.invoke()
        allocations += swt_allocation_count() - before
      }
      #expect(allocations == 0, "operator \(node.code)")
    }
  }

  @Test func whereNeedsNoMemoryBeyondItsBound() throws {
    let interpreter = try Interpreter(program: OneNode(109, [.input(.int32, [64])], [.int64]).program())
    try set([Array(repeating: 0, count: 64)], in: interpreter)
    try interpreter.invoke()
    try set([Array(repeating: 1, count: 64)], in: interpreter)
    let before = swt_allocation_count()
    try interpreter.invoke()
    #expect(swt_allocation_count() == before)
    #expect(interpreter.elements(0) == counting(64))
  }
}
