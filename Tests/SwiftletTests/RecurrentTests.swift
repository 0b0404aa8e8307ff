import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Operators that remember.
@Suite struct RecurrentTests {
  private static func interpreter(_ model: ModelBuilder, isa: ISA = .fastest) throws -> Interpreter {
    var options = PrepareOptions()
    options.isa = isa
    return try Interpreter(program: Program(model: Model(bytes: ModelBytes(copying: model.build())), options: options))
  }

  @Test func svdfFiltersOverTime() throws {
    let interpreter = try Self.interpreter(ValidModels.rankTwoSVDF())
    let inputs: [[Float]] = [[1, 2, 3], [-1, 0, 1], [0.5, 0.5, 0.5]]
    var memory = Array(repeating: Array(repeating: Float(0), count: 5), count: 4)
    for input in inputs {
      var sums: [Float] = [0.5, -0.5]
      for filter in 0..<4 {
        let feature = (0..<3).reduce(Float(0)) { $0 + input[$1] * Float(filter * 3 + $1) / 10 }
        memory[filter] = Array(memory[filter].dropFirst()) + [feature]
        for index in 0..<5 { sums[filter / 2] += memory[filter][index] * Float(filter * 5 + index) / 10 }
      }
      try interpreter.setInput(0, to: input)
      try interpreter.invoke()
      for (found, expected) in zip(try interpreter.output(0, as: Float.self), sums) {
        #expect(abs(found - expected) < 1e-5)
      }
    }
  }

  /// Gates, squashing and update in Double, within what 8-bit outputs resolve.
  @Test func integerLSTMFollowsTheRealOne() throws {
    let interpreter = try Self.interpreter(ValidModels.lstm())
    var (hidden, cell) = ([0.0, 0, 0, 0], [0.0, 0, 0, 0])
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exponential(-x)) }
    func hyperbolic(_ x: Double) -> Double { 2 * sigmoid(2 * x) - 1 }
    for invocation in 0..<3 {
      let input = (0..<6).map { Int8($0 * 31 - 90 + invocation * 5) }
      try interpreter.setInput(0, to: input)
      try interpreter.invoke()
      let found = try interpreter.output(0, as: Int8.self)
      for step in 0..<2 {
        let x: [Double] = (0..<3).map { Double(Int(input[step * 3 + $0]) + 5) * 0.02 }
        let gates: [[Double]] = (0..<4).map { gate in
          (0..<4).map { (row: Int) -> Double in
            var sum = Double(row * 700 - 900) * 0.0002
            for k in 0..<3 { sum += Double((row * 3 + k) * 9 - 50 + gate) * 0.01 * x[k] }
            for k in 0..<4 { sum += Double(40 - (row * 4 + k) * 5 + gate) * 0.01 * hidden[k] }
            return sum
          }
        }
        for row in 0..<4 {
          cell[row] =
            sigmoid(gates[1][row]) * cell[row] + sigmoid(gates[0][row]) * hyperbolic(gates[2][row])
        }
        hidden = (0..<4).map { sigmoid(gates[3][$0]) * hyperbolic(cell[$0]) }
        for row in 0..<4 { #expect(abs(Double(found[step * 4 + row]) / 128 - hidden[row]) < 2.5 / 128) }
      }
    }
  }

  /// Without Foundation: the series of exp(x / 1024), squared ten times.
  private func exponential(_ x: Double) -> Double {
    let r = x / 1024
    var value = 1 + r * (1 + r / 2 * (1 + r / 3 * (1 + r / 4)))
    for _ in 0..<10 { value *= value }
    return value
  }

  @Test(arguments: ISA.runnable.map(\.name)) func everyInstructionSetGivesTheSameLSTM(isa name: String) throws {
    let scalar = try Self.interpreter(ValidModels.lstm(), isa: .scalar)
    let other = try Self.interpreter(ValidModels.lstm(), isa: #require(ISA(name: name)))
    for invocation in 0..<20 {
      let input = (0..<6).map { Int8(truncatingIfNeeded: ($0 + invocation * 6) &* 89) }
      for interpreter in [scalar, other] {
        try interpreter.setInput(0, to: input)
        try interpreter.invoke()
      }
      #expect(try scalar.output(0, as: Int8.self) == other.output(0, as: Int8.self))
    }
  }

  @Test func aResetForgets() throws {
    let interpreter = try Self.interpreter(ValidModels.lstm())
    try interpreter.setInput(0, to: [90, -90, 50, 20, 10, 0] as [Int8])
    try interpreter.invoke()
    let first = try interpreter.output(0, as: Int8.self)
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: Int8.self) != first)
    interpreter.resetVariables()
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: Int8.self) == first)
  }

  @Test func timeMajorIsTheSameSequenceTurned() throws {
    var turned = ValidModels.lstm()
    turned.subgraphs[0].tensors[0].shape = [2, 1, 3]
    turned.subgraphs[0].tensors[15].shape = [2, 1, 4]
    turned.setOption(3, .bool(true))
    let input: [Int8] = [1, -20, 33, 7, 90, -90]
    var results: [[Int8]] = []
    for interpreter in [try Self.interpreter(ValidModels.lstm()), try Self.interpreter(turned)] {
      try interpreter.setInput(0, to: input)
      try interpreter.invoke()
      results.append(try interpreter.output(0, as: Int8.self))
    }
    #expect(results[0] == results[1])
    #expect(results[0].contains { $0 != 0 })
  }
}
