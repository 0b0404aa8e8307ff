import CTestSupport
import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Tensors of strings, whose bytes are counted while running.
@Suite struct StringTests {
  /// words [4] and indices [3] -> GATHER -> RESHAPE [3,1].
  private static func model() -> ModelBuilder {
    var model = ModelBuilder()
    let words = model.tensor("words", .string, [4])
    let indices = model.tensor("indices", .int32, [3])
    let picked = model.tensor("picked", .string, [3])
    let shape = model.constant("shape", .int32, [2], [3, 1] as [Int32])
    let output = model.tensor("output", .string, [3, 1])
    model.operation(36, inputs: [words, indices], outputs: [picked], options: OptionsSpec(23, [0: .int32(0)]))
    model.operation(22, inputs: [picked, shape], outputs: [output])
    model.setInputs([words, indices], outputs: [output])
    return model
  }

  private static func interpreter(memoryBudget: Int = 1 << 26) throws -> Interpreter {
    var options = PrepareOptions()
    options.memoryBudget = memoryBudget
    return try Interpreter(program: ControlFlowModels.program(model(), options))
  }

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func stringsAreGathered() throws {
    let interpreter = try Self.interpreter()
    let words = ["one", "", "three", "a word that is longer than the others"].map(Self.bytes)
    try interpreter.setInput(0, toStrings: words)
    for indices in [[3, 1, 0], [2, 2, 2], [0, 99, -1]] as [[Int32]] {
      try interpreter.setInput(1, to: indices)
      try interpreter.invoke()
      #expect(interpreter.outputStrings(0) == indices.map { words.indices.contains(Int($0)) ? words[Int($0)] : [] })
      #expect(interpreter.outputShape(0).dimensions == [3, 1])
    }
  }

  @Test func stringsThatWereNeverGivenAreEmpty() throws {
    let interpreter = try Self.interpreter()
    try interpreter.invoke()
    #expect(interpreter.outputStrings(0) == [[], [], []])
  }

  @Test func anotherInvocationAllocatesNothing() throws {
    let interpreter = try Self.interpreter()
    try interpreter.setInput(0, toStrings: ["a", "bc", "def", "gh"].map(Self.bytes))
    try interpreter.setInput(1, to: [2, 2, 2] as [Int32])
    try interpreter.invoke()
    try interpreter.setInput(1, to: [0, 1, 3] as [Int32])
    let before = swt_allocation_count()
    for _ in 0..<3 { try interpreter.invoke() }
    #expect(swt_allocation_count() == before)
    #expect(interpreter.outputStrings(0) == ["a", "bc", "gh"].map(Self.bytes))
  }

  @Test(
    arguments: [
      [], [4, 0, 0, 0], [5, 0, 0, 0] + Array(repeating: 0, count: 20),
      table(count: 4, [24, 24, 24, 24, 25], 0), table(count: 4, [24, 24, 20, 24, 24], 0),
      table(count: 4, [24, 26, 25, 26, 26], 2), table(count: 4, [24, -1, 24, 24, 24], 0),
      table(count: -1, [24, 24, 24, 24, 24], 0), table(count: 3, [20, 20, 20, 20], 0),
      table(count: 4, [24, 24, 24, 24, 24], 1), table(count: Int32.max, [24, 24, 24, 24, 24], 0),
    ] as [[UInt8]])
  func brokenTablesAreRefused(table: [UInt8]) throws {
    let interpreter = try Self.interpreter()
    let error = #expect(throws: PrepareError.self) { try interpreter.setInput(0, toStringTable: table) }
    #expect(error?.code == .inputInvalid)
    #expect(error?.operand == .input(0))
  }

  private static func table(count: Int32, _ offsets: [Int32], _ bytes: Int) -> [UInt8] {
    ([count] + offsets).flatMap { ElementType.int32.bytes(of: Double($0)) } + Array(repeating: 65, count: bytes)
  }

  @Test func stringsOfOtherInputsAndCountsAreRefused() throws {
    let interpreter = try Self.interpreter()
    #expect(throws: PrepareError.self) { try interpreter.setInput(0, toStrings: [[1], [2]]) }
    #expect(throws: PrepareError.self) { try interpreter.setInput(1, toStrings: [[1], [2], [3]]) }
    #expect(throws: PrepareError.self) { try interpreter.setInput(7, toStrings: []) }
  }

  @Test func theMemoryBudgetHoldsForStrings() throws {
    let interpreter = try Self.interpreter(memoryBudget: 4096)
    let long = [UInt8](repeating: 65, count: 3000)
    let error = #expect(throws: PrepareError.self) { try interpreter.setInput(0, toStrings: [long, long, [], []]) }
    #expect(error?.code == .memoryBudget)
    try interpreter.setInput(0, toStrings: [Self.bytes("short"), [], [], []])
    try interpreter.invoke()
    #expect(interpreter.outputStrings(0)[0] == Self.bytes("short"))
    try interpreter.setInput(0, toStrings: [[UInt8](repeating: 65, count: 1000), [], [], []])
    try interpreter.setInput(1, to: [0, 0, 0] as [Int32])
    let late = #expect(throws: InvokeError.self) { try interpreter.invoke() }
    if case .refused(let reason) = late {
      #expect(reason.code == .memoryBudget)
    } else {
      Issue.record("\(String(describing: late))")
    }
  }
}
