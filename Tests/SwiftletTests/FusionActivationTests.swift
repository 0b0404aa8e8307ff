import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// RELU and its kin become limits of the layer before, and nobody can tell from the bytes of the outputs.
@Suite struct FusionActivationTests {
  /// A layer on float32 and an activation behind it.
  struct LimitedLayer: Sendable {
    enum Layer: CaseIterable, Sendable {
      case add, sub, mul, div, fullyConnected, conv2D, depthwise, transposeConv
    }

    var layer = Layer.add
    var activation = 19
    var ownActivation = 0
    var readsTwice = false
    var givesLimited = true
    var givesUnlimited = false
    var type = ElementType.float32

    static let pixels: [Float] = [
      -0.0, 0, .nan, .infinity, -.infinity, 7, -7, 0.5, -0.5, 1e-40, 6, -1, 3, 1, 100, -100,
    ]

    func model() throws -> Model {
      var model = ModelBuilder()
      let shape = layer == .fullyConnected ? [4, 4] : [1, 4, 4, 1]
      let quantization = type == .float32 ? nil : QuantizationSpec.perTensor(0.5, 5)
      let input = model.tensor("input", type, shape, quantization: quantization)
      let unlimited = model.tensor("unlimited", type, [], quantization: quantization)
      let limited = model.tensor("limited", type, [], quantization: quantization)
      addLayer(&model, input, unlimited)
      model.operation(activation, inputs: [unlimited], outputs: [limited])
      let last = model.tensor("last", type, [], quantization: quantization)
      model.operation(0, inputs: [limited, limited], outputs: [last], options: OptionsSpec(11, [0: .int8(0)]))
      var outputs = [last]
      if givesLimited { outputs.append(limited) }
      if givesUnlimited { outputs.append(unlimited) }
      if readsTwice {
        let other = model.tensor("other", type, [], quantization: quantization)
        model.operation(22, inputs: [unlimited, model.constant("flat", .int32, [1], [Int32(-1)])], outputs: [other])
        outputs.append(other)
      }
      model.setInputs([input], outputs: outputs)
      return try Model(bytes: ModelBytes(copying: model.build()))
    }

    private func addLayer(_ model: inout ModelBuilder, _ input: Int, _ output: Int) {
      let own = FieldValue.int8(Int8(ownActivation))
      let steps: [Int: FieldValue] = [0: .int8(0), 1: .int32(1), 2: .int32(1)]
      let weights = { (model: inout ModelBuilder, shape: [Int]) in
        model.constant("weights", .float32, shape, (0..<shape.reduce(1, *)).map { Float($0 % 7) - 3 })
      }
      switch layer {
      case .add where type == .int8:  // with a constant of several elements, lest both become a table
        let other = model.constant(
          "other", .int8, [4, 4, 1], (0..<16).map { Int8($0) }, quantization: .perTensor(0.5, 5))
        model.operation(0, inputs: [input, other], outputs: [output], options: OptionsSpec(11, [0: own]))
      case .add: model.operation(0, inputs: [input, input], outputs: [output], options: OptionsSpec(11, [0: own]))
      case .sub: model.operation(41, inputs: [input, input], outputs: [output], options: OptionsSpec(28, [0: own]))
      case .mul: model.operation(18, inputs: [input, input], outputs: [output], options: OptionsSpec(21, [0: own]))
      case .div: model.operation(42, inputs: [input, input], outputs: [output], options: OptionsSpec(29, [0: own]))
      case .fullyConnected:
        model.operation(
          9, inputs: [input, weights(&model, [3, 4])], outputs: [output], options: OptionsSpec(8, [0: own]))
      case .conv2D:
        model.operation(
          3, inputs: [input, weights(&model, [2, 1, 1, 1])], outputs: [output],
          options: OptionsSpec(1, steps.merging([3: own]) { $1 }))
      case .depthwise:
        model.operation(
          4, inputs: [input, weights(&model, [1, 1, 1, 1])], outputs: [output],
          options: OptionsSpec(2, steps.merging([3: .int32(1), 4: own]) { $1 }))
      case .transposeConv:
        let size = model.constant("size", .int32, [4], [1, 4, 4, 2] as [Int32])
        model.operation(
          67, inputs: [size, weights(&model, [2, 1, 1, 1]), input], outputs: [output],
          options: OptionsSpec(49, steps.merging([3: own]) { $1 }))
      }
    }

    /// The number of steps, and the bytes of every output.
    func outputs(fuses: Bool, _ isa: ISA = .fastest) throws -> (steps: Int, bytes: [[UInt8]]) {
      var options = PrepareOptions()
      (options.fuses, options.isa) = (fuses, isa)
      let program = try Program(model: model(), options: options)
      let interpreter = try Interpreter(program: program)
      try interpreter.setBytes(
        0, Self.pixels.flatMap { type.bytes(of: type == .float32 || $0.isFinite ? Double(max(-100, $0)) : 0) })
      if type == .float32 { try interpreter.setInput(0, to: Self.pixels) }
      try interpreter.invoke()
      let bytes = program.outputs.indices.map { index in
        unsafe interpreter.withOutputBytes(index) { unsafe [UInt8]($0) }
      }
      return (program.main.steps.count, bytes)
    }
  }

  @Test(arguments: LimitedLayer.Layer.allCases, [19, 20, 21, 152])
  func anActivationBecomesLimitsOfTheLayerBefore(layer: LimitedLayer.Layer, activation: Int) throws {
    let model = LimitedLayer(layer: layer, activation: activation)
    for isa in ISA.runnable {
      let plain = try model.outputs(fuses: false, isa)
      let fused = try model.outputs(fuses: true, isa)
      #expect(plain.steps == 3)
      #expect(fused.steps == 2)
      #expect(fused.bytes == plain.bytes, "\(isa.name)")
    }
  }

  @Test func whatNobodyElseReadsIsFoldedToo() throws {
    let model = LimitedLayer(layer: .conv2D, givesLimited: false)
    let fused = try model.outputs(fuses: true)
    #expect(fused.steps == 2)
    #expect(try fused.bytes == model.outputs(fuses: false).bytes)
  }

  static let untouched: [(String, LimitedLayer)] = [
    ("an activation of its own", LimitedLayer(ownActivation: 3)),
    ("a second reader", LimitedLayer(readsTwice: true)),
    ("an output of the model", LimitedLayer(givesUnlimited: true)),
    ("integers", LimitedLayer(type: .int8)),
    ("another function", LimitedLayer(activation: 14)),
  ]

  @Test(arguments: untouched) func theActivationStays(name: String, model: LimitedLayer) throws {
    let plain = try model.outputs(fuses: false)
    let fused = try model.outputs(fuses: true)
    #expect(fused.steps == plain.steps)
    #expect(fused.bytes == plain.bytes)
  }
}
