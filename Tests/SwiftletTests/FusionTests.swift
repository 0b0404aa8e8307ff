import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// Each rule: what it joins, what it leaves alone, and that nobody can tell from the outputs.
@Suite struct FusionTests {
  /// PAD, then a 3 x 3 convolution of one channel to one, on a picture of 5 x 6.
  struct PaddedConvolution: Sendable {
    var type = ElementType.float32
    var isDepthwise = false
    var isValid = true
    var paddings: [Int32] = [0, 0, 1, 2, 2, 1, 0, 0]
    var value: Float?
    var readsPaddedTwice = false
    var givesPadded = false
    var paddedZeroPoint: Int64 = 5

    func model() throws -> Model {
      var model = ModelBuilder()
      let isFloat = type == .float32
      let quantization = isFloat ? nil : QuantizationSpec.perTensor(0.5, 5)
      let channels = 1 + Int(paddings[6] + paddings[7])
      let input = model.tensor("input", type, [1, 5, 6, 1], quantization: quantization)
      let pads = model.constant("paddings", .int32, [4, 2], paddings)
      let padded = model.tensor(
        "padded", type, [], quantization: isFloat ? nil : .perTensor(0.5, paddedZeroPoint))
      var inputs = [input, pads]
      if let value { inputs.append(model.constant("value", .float32, [], [value])) }
      model.operation(value == nil ? 34 : 60, inputs: inputs, outputs: [padded])
      let weights = weights(&model, channels)
      let output = model.tensor("output", type, [], quantization: isFloat ? nil : .perTensor(3, -2))
      let options = OptionsSpec(
        isDepthwise ? 2 : 1, [0: .int8(isValid ? 1 : 0), 1: .int32(1), 2: .int32(2), 3: .int32(isDepthwise ? 1 : 0)])
      model.operation(
        isDepthwise ? 4 : 3, version: 3, inputs: [padded, weights], outputs: [output], options: options)
      var outputs = [output]
      if givesPadded { outputs.append(padded) }
      if readsPaddedTwice {
        let other = model.tensor("other", type, [], quantization: isFloat ? nil : .perTensor(0.5, 5))
        model.operation(22, inputs: [padded, model.constant("flat", .int32, [1], [Int32(-1)])], outputs: [other])
        outputs.append(other)
      }
      model.setInputs([input], outputs: outputs)
      return try Model(bytes: ModelBytes(copying: model.build()))
    }

    private func weights(_ model: inout ModelBuilder, _ channels: Int) -> Int {
      let shape = [1, 3, 3, channels]
      let count = 9 * channels
      guard type == .int8 else {
        return model.constant("weights", .float32, shape, (0..<count).map { Float($0 % 7) - 3 })
      }
      return model.constant(
        "weights", .int8, shape, (0..<count).map { Int8($0 * 11 % 120) - 60 },
        quantization: .perChannel([0.25], dimension: isDepthwise ? 3 : 0))
    }

    func outputs(fuses: Bool) throws -> (steps: Int, outputs: [[Double]]) {
      var options = PrepareOptions()
      options.fuses = fuses
      let program = try Program(model: model(), options: options)
      let interpreter = try Interpreter(program: program)
      let pixels = (0..<30).map { Double($0 * 37 % 100 - 50) }
      try interpreter.setBytes(0, pixels.flatMap { type.bytes(of: $0) })
      try interpreter.invoke()
      return (program.main.steps.count, program.outputs.indices.map { interpreter.elements($0) })
    }
  }

  @Test(arguments: [ElementType.float32, .int8], [false, true])
  func paddingBecomesPartOfTheConvolution(type: ElementType, isDepthwise: Bool) throws {
    let model = PaddedConvolution(type: type, isDepthwise: isDepthwise)
    let plain = try model.outputs(fuses: false)
    let fused = try model.outputs(fuses: true)
    #expect(plain.steps == 2)
    #expect(fused.steps == 1)
    #expect(fused.outputs == plain.outputs)
    #expect(Set(plain.outputs[0]).count > 3)
  }

  @Test func aPaddingValueOfZeroIsFoldedToo() throws {
    let model = PaddedConvolution(value: 0)
    let fused = try model.outputs(fuses: true)
    #expect(fused.steps == 1)
    #expect(try fused.outputs == model.outputs(fuses: false).outputs)
  }

  static let untouched: [(String, PaddedConvolution)] = [
    ("another value", PaddedConvolution(value: 1)),
    ("SAME padding", PaddedConvolution(isValid: false)),
    ("batches", PaddedConvolution(paddings: [1, 0, 1, 1, 1, 1, 0, 0])),
    ("channels", PaddedConvolution(paddings: [0, 0, 1, 1, 1, 1, 1, 0])),
    ("windows beside the picture", PaddedConvolution(paddings: [0, 0, 3, 0, 0, 0, 0, 0])),
    ("a second reader", PaddedConvolution(readsPaddedTwice: true)),
    ("an output of the model", PaddedConvolution(givesPadded: true)),
    ("another zero point", PaddedConvolution(type: .int8, paddedZeroPoint: 4)),
  ]

  @Test(arguments: untouched) func paddingStays(name: String, model: PaddedConvolution) throws {
    let plain = try model.outputs(fuses: false)
    let fused = try model.outputs(fuses: true)
    #expect(fused.steps == plain.steps)
    #expect(fused.outputs == plain.outputs)
  }

  /// input -> QUANTIZE -> RESHAPE -> output.
  private func quantizing(to quantization: QuantizationSpec, type: ElementType = .int8) throws -> Model {
    var model = ModelBuilder()
    let input = model.tensor("input", .int8, [4], quantization: .perTensor(0.5, 3))
    let middle = model.tensor("middle", type, [4], quantization: quantization)
    let output = model.tensor("output", type, [2, 2], quantization: quantization)
    model.operation(114, inputs: [input], outputs: [middle])
    model.operation(22, inputs: [middle, model.constant("shape", .int32, [2], [Int32(2), 2])], outputs: [output])
    model.setInputs([input], outputs: [output])
    return try Model(bytes: ModelBytes(copying: model.build()))
  }

  @Test func quantizingToTheSameDisappears() throws {
    let program = try Program(model: quantizing(to: .perTensor(0.5, 3)))
    #expect(program.main.steps.count == 1)
    let interpreter = try Interpreter(program: program)
    try interpreter.setInput(0, to: [-128, 3, 4, 127] as [Int8])
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: Int8.self) == [-128, 3, 4, 127])
  }

  @Test func quantizingToAnotherZeroPointStays() throws {
    let program = try Program(model: quantizing(to: .perTensor(0.5, 4)))
    #expect(program.main.steps.count == 2)
    let interpreter = try Interpreter(program: program)
    try interpreter.setInput(0, to: [-128, 3, 4, 127] as [Int8])
    try interpreter.invoke()
    #expect(try interpreter.output(0, as: Int8.self) == [-127, 4, 5, 127])
  }
}
