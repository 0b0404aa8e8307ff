import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// The basic LSTM cell on uint8; the comparison with LiteRT covers its numbers.
@Suite struct BasicLSTMTests {
  private static let active = QuantizationSpec.perTensor(1 / 128, 128)
  private static let stored = QuantizationSpec.perTensor(1 / 2048, 0)

  /// Two features, one cell; every weight is (150 - 128) * 0.02 and every bias 0.
  private static func model(
    input: QuantizationSpec = active, state: QuantizationSpec = stored, isVariable: Bool = true,
    weightShape: [Int] = [4, 3]
  ) -> ModelBuilder {
    var model = ModelBuilder()
    let count = weightShape.reduce(1, *)
    let data = model.tensor("data", .uint8, [1, 2], quantization: input)
    let last = model.tensor("last", .uint8, [1, 1], quantization: active, isVariable: isVariable)
    let weights = model.constant(
      "weights", .uint8, weightShape, Array(repeating: UInt8(150), count: count), quantization: .perTensor(0.02, 128))
    let bias = model.constant(
      "bias", .int32, [4], Array(repeating: Int32(0), count: 4), quantization: .perTensor(0.02 / 128, 0))
    let cell = model.tensor("cell", .int16, [1, 1], quantization: state, isVariable: isVariable)
    let outputs = [
      model.tensor("output", .uint8, [1, 1], quantization: active),
      model.tensor("state", .int16, [1, 1], quantization: stored),
      model.tensor("values", .uint8, [1, 3], quantization: active),
      model.tensor("gates", .int16, [1, 4], quantization: .perTensor(1 / 4096, 0)),
    ]
    model.operation(
      16, inputs: [data, last, weights, bias, cell], outputs: outputs,
      options: OptionsSpec(14, [0: .int8(4), 3: .int8(1)]))
    model.setInputs(isVariable ? [data] : [data, last, cell], outputs: outputs)
    return model
  }

  private static func interpreter(_ model: ModelBuilder) throws -> Interpreter {
    try Interpreter(program: Program(model: Model(bytes: ModelBytes(copying: model.build()))))
  }

  @Test func remembersItsOutputAndItsState() throws {
    let interpreter = try Self.interpreter(Self.model())
    // The first step sees a last output of stored 0, -1: 0.44 * (1 + 1 - 1) = 0.44 for every gate.
    try interpreter.setInput(0, to: [255, 255] as [UInt8])
    try interpreter.invoke()
    let first = try interpreter.output(1, as: Int16.self)[0]
    let gate = 0.44 * (2 * 127.0 / 128 - 1)
    let sigmoid = 0.5 + gate / 4 - gate * gate * gate / 48
    let hyperbolic = gate - gate * gate * gate / 3
    #expect(abs(Double(first) / 2048 - sigmoid * hyperbolic) < 0.005)
    #expect(try interpreter.output(2, as: UInt8.self) == [255, 255, 0])
    let output = try interpreter.output(0, as: UInt8.self)[0]
    try interpreter.invoke()
    #expect(try interpreter.output(2, as: UInt8.self) == [255, 255, output])
    #expect(try interpreter.output(1, as: Int16.self)[0] > first)
  }

  @Test func refusesOtherScalesShapesAndConstants() {
    let broken: [(ModelBuilder, PrepareError.Code)] = [
      (Self.model(input: .perTensor(1 / 256, 128)), .quantizationInvalid),
      (Self.model(state: .perTensor(1 / 4096, 0)), .quantizationInvalid),
      (Self.model(isVariable: false), .variableInvalid),
      (Self.model(weightShape: [4, 4]), .shapeMismatch), (Self.model(weightShape: [5, 3]), .shapeMismatch),
    ]
    for (model, code) in broken {
      let error = #expect(throws: PrepareError.self) { _ = try Self.interpreter(model) }
      #expect(error?.code == code)
    }
  }
}
