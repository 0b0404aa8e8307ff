import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Elementwise operators between two tensors of 8 bits become one table, and nobody can tell from the outputs.
@Suite struct FusionTableTests {
  /// Operators behind an input of all 256 bytes. Operands are numbers of `tensors`, the first of which is the input.
  struct Chain: Sendable {
    struct Tensor: Sendable {
      var type: ElementType
      var quantization: QuantizationSpec?
      var constant: [Float]?

      static let float = Tensor(type: .float32)
      static func bytes(_ scale: Float, _ zeroPoint: Int64, _ type: ElementType = .int8) -> Tensor {
        Tensor(type: type, quantization: .perTensor(scale, zeroPoint))
      }
      static func constant(_ values: Float...) -> Tensor { Tensor(type: .float32, constant: values) }
    }
    struct Operator: Sendable {
      let code: Int
      let inputs: [Int]
      let output: Int

      init(_ code: Int, _ inputs: [Int], _ output: Int) {
        (self.code, self.inputs, self.output) = (code, inputs, output)
      }
    }

    var tensors: [Tensor]
    var operators: [Operator]
    /// Beside the last operator's output.
    var outputs: [Int] = []

    func model() throws -> Model {
      var model = ModelBuilder()
      let numbers = tensors.enumerated().map { index, tensor in
        guard let values = tensor.constant else {
          return model.tensor(
            "t\(index)", tensor.type, index == 0 ? [1, 2, 64, 2] : [], quantization: tensor.quantization)
        }
        return model.constant("t\(index)", .float32, values.count == 1 ? [] : [values.count], values)
      }
      for node in operators {
        model.operation(
          node.code, version: node.code == 14 ? 2 : 1, inputs: node.inputs.map { numbers[$0] },
          outputs: [numbers[node.output]])
      }
      model.setInputs([numbers[0]], outputs: ([operators[operators.count - 1].output] + outputs).map { numbers[$0] })
      return try Model(bytes: ModelBytes(copying: model.build()))
    }

    func results(fuses: Bool) throws -> (steps: Int, outputs: [[Double]]) {
      var options = PrepareOptions()
      options.fuses = fuses
      let program = try Program(model: model(), options: options)
      let interpreter = try Interpreter(program: program)
      try interpreter.setBytes(0, Array(0...255))
      try interpreter.invoke()
      return (program.main.steps.count, program.outputs.indices.map { interpreter.elements($0) })
    }
  }

  static let sine = Chain(
    tensors: [.bytes(0.04, 3), .float, .float, .bytes(1 / 128, 0)],
    operators: [.init(6, [0], 1), .init(66, [1], 2), .init(114, [2], 3)])
  static let swish = Chain(
    tensors: [.bytes(0.05, -20), .bytes(1 / 256, -128), .bytes(0.03, -100)],
    operators: [.init(14, [0], 1), .init(18, [0, 1], 2)])
  static let mish = Chain(
    tensors: [
      .bytes(0.05, 128, .uint8), .float, .float, .constant(1), .float, .float, .float, .float, .bytes(0.04, -100),
    ],
    operators: [
      .init(6, [0], 1), .init(47, [1], 2), .init(0, [2, 3], 4), .init(73, [4], 5), .init(28, [5], 6),
      .init(18, [1, 6], 7), .init(114, [7], 8),
    ])
  static let hardSwish = Chain(
    tensors: [
      .bytes(0.05, -20), .float, .constant(3), .float, .float, .constant(6), .float, .float, .bytes(0.03, -100),
    ],
    operators: [
      .init(6, [0], 1), .init(0, [1, 2], 3), .init(21, [3], 4), .init(42, [4, 5], 6), .init(18, [6, 1], 7),
      .init(114, [7], 8),
    ])

  @Test(arguments: [("SIN", sine), ("SiLU", swish), ("Mish", mish), ("HardSwish", hardSwish)])
  func operatorsBecomeOneTable(name: String, chain: Chain) throws {
    let plain = try chain.results(fuses: false)
    let fused = try chain.results(fuses: true)
    #expect(plain.steps == chain.operators.count)
    #expect(fused.steps == 1)
    #expect(fused.outputs == plain.outputs)
    #expect(Set(plain.outputs[0]).count > 30)
  }

  /// The first output is read by two functions, so two tables are left.
  @Test func whatSeveralReadIsMade() throws {
    var chain = Self.sine
    chain.tensors += [.float, .float, .bytes(0.1, 0), .bytes(0.1, 0)]
    chain.operators += [.init(6, [3], 4), .init(108, [4], 5), .init(114, [5], 6), .init(0, [3, 6], 7)]
    let plain = try chain.results(fuses: false)
    let fused = try chain.results(fuses: true)
    #expect(plain.steps == 7)
    #expect(fused.steps == 2)
    #expect(fused.outputs == plain.outputs)
  }

  static var untouched: [(String, Chain)] {
    var given = sine
    given.outputs = [2]
    var givenBytes = swish
    givenBytes.outputs = [1]
    let vector = Chain(
      tensors: [.bytes(0.05, 0), .float, .constant(1, 2), .float, .bytes(0.1, 0)],
      operators: [.init(6, [0], 1), .init(0, [1, 2], 3), .init(114, [3], 4)])
    let alone = Chain(tensors: [.bytes(0.05, 0), .bytes(0.1, 3)], operators: [.init(114, [0], 1)])
    return [
      ("a float that the model gives", given), ("bytes that the model gives", givenBytes),
      ("a constant of several elements", vector), ("one operator", alone),
    ]
  }

  @Test(arguments: untouched) func theyStay(name: String, chain: Chain) throws {
    let plain = try chain.results(fuses: false)
    let fused = try chain.results(fuses: true)
    #expect(fused.steps == plain.steps)
    #expect(fused.outputs == plain.outputs)
  }
}
