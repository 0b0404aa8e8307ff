import ModelFormat
import TestSupport
import Testing

@testable import Swiftlet

/// A chain of convolutions of odd sizes, drawn from a seed.
struct RandomRowChain: CustomTestStringConvertible, Sendable {
  struct Layer: Sendable {
    var isDepthwise = false
    var window = (rows: 1, columns: 1)
    var stride = (rows: 1, columns: 1)
    var dilation = 1
    var isValid = false
    var activation: Int8 = 0
    var channels = 1
  }

  let type: ElementType
  let seed: UInt64
  var input: [Int]
  var layers: [Layer] = []
  /// A layer whose output the model gives too.
  var given: Int?

  var testDescription: String { "\(type.name) \(seed): \(input) \(layers)" }

  init(_ type: ElementType, input: [Int], layers: [Layer]) {
    (self.type, self.input, self.layers, seed) = (type, input, layers, 1)
  }

  /// Expands 8 channels to 48, convolves each, and projects them to 8, on a picture of 32 x 32.
  static func invertedResidual(_ type: ElementType) -> RandomRowChain {
    var depthwise = Layer(isDepthwise: true, channels: 48)
    depthwise.window = (3, 3)
    return RandomRowChain(type, input: [1, 32, 32, 8], layers: [Layer(channels: 48), depthwise, Layer(channels: 8)])
  }

  init(_ type: ElementType, seed: UInt64) {
    (self.type, self.seed) = (type, seed)
    var random = SplitMix(seed: seed)
    input = [1 + random.next(below: 4) / 3, 1 + random.next(below: 23), 1 + random.next(below: 12)]
    var size = (rows: input[1], columns: input[2])
    input.append([1, 3, 4, 8, 17][random.next(below: 5)])
    var channels = input[3]
    for _ in 0..<2 + random.next(below: 4) {
      var layer = Layer()
      layer.isDepthwise = random.next(below: 2) == 0
      if layer.isDepthwise || random.next(below: 2) == 0 {
        layer.window = (1 + random.next(below: 5), 1 + random.next(below: 5))
        layer.stride = (1 + random.next(below: 3), 1 + random.next(below: 2))
        if layer.stride == (1, 1) { layer.dilation = 1 + random.next(below: 2) }
      }
      layer.activation = [0, 0, 0, 1, 3][random.next(below: 5)]
      let extent = ((layer.window.rows - 1) * layer.dilation + 1, (layer.window.columns - 1) * layer.dilation + 1)
      layer.isValid = random.next(below: 3) == 0 && extent.0 <= size.rows && extent.1 <= size.columns
      channels =
        layer.isDepthwise ? channels * (1 + random.next(below: 4) / 3) : [2, 5, 16, 24, 33][random.next(below: 5)]
      channels = min(channels, 48)
      layer.channels = channels
      size.rows = Self.output(size.rows, extent.0, layer.stride.rows, layer.isValid)
      size.columns = Self.output(size.columns, extent.1, layer.stride.columns, layer.isValid)
      layers.append(layer)
    }
  }

  private static func output(_ input: Int, _ extent: Int, _ stride: Int, _ isValid: Bool) -> Int {
    (isValid ? input - extent + stride : input + stride - 1) / stride
  }

  func model() throws -> Model {
    var random = SplitMix(seed: seed &+ 1)
    var model = ModelBuilder()
    let start = model.tensor("input", type, input, quantization: quantization(3))
    var value = start
    var outputs: [Int] = []
    var depth = input[3]
    for (index, layer) in layers.enumerated() {
      let channels = layer.isDepthwise ? layer.channels / depth * depth : layer.channels
      let products = layer.window.rows * layer.window.columns * (layer.isDepthwise ? 1 : depth)
      let shape =
        layer.isDepthwise
        ? [1, layer.window.rows, layer.window.columns, channels]
        : [channels, layer.window.rows, layer.window.columns, depth]
      let weights = weights(&model, shape, &random, index, isDepthwise: layer.isDepthwise, products)
      value = apply(layer, channels, depth, [value, weights], index, &model)
      depth = channels
      if index == given { outputs.append(value) }
    }
    model.setInputs([start], outputs: outputs + [value])
    return try Model(bytes: ModelBytes(copying: model.build()))
  }

  private func apply(
    _ layer: Layer, _ channels: Int, _ depth: Int, _ inputs: [Int], _ index: Int, _ model: inout ModelBuilder
  ) -> Int {
    let output = model.tensor("value \(index)", type, [], quantization: quantization(Int64(index % 3) - 1))
    var options: [Int: FieldValue] = [
      0: .int8(layer.isValid ? 1 : 0), 1: .int32(Int32(layer.stride.columns)), 2: .int32(Int32(layer.stride.rows)),
    ]
    let dilation = FieldValue.int32(Int32(layer.dilation))
    if layer.isDepthwise {
      options[3] = .int32(Int32(channels / depth))
      (options[4], options[5], options[6]) = (.int8(layer.activation), dilation, dilation)
    } else {
      (options[3], options[4], options[5]) = (.int8(layer.activation), dilation, dilation)
    }
    model.operation(
      layer.isDepthwise ? 4 : 3, version: 3, inputs: inputs, outputs: [output],
      options: OptionsSpec(layer.isDepthwise ? 2 : 1, options))
    return output
  }

  private func quantization(_ zeroPoint: Int64) -> QuantizationSpec? {
    switch type {
    case .float32: nil
    case .int16: .perTensor(0.5, 0)
    case .uint8: .perTensor(0.5, 128 + zeroPoint)
    default: .perTensor(0.5, zeroPoint)
    }
  }

  /// Weights whose sums fill the range of the next tensor.
  private func weights(
    _ model: inout ModelBuilder, _ shape: [Int], _ random: inout SplitMix, _ index: Int, isDepthwise: Bool,
    _ products: Int
  ) -> Int {
    let bytes = (0..<shape.reduce(1, *)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let scale = 1 / (74 * Float(products).squareRoot())
    let name = "weights \(index)"
    switch type {
    case .float32: return model.constant(name, .float32, shape, bytes.map { (Float($0) - 127.3) * scale })
    case .uint8:
      return model.constant(name, .uint8, shape, bytes, quantization: .perTensor(scale, 128))
    default:
      let signed = bytes.map { Int8(bitPattern: $0 == 128 ? 127 : $0) }
      return model.constant(
        name, .int8, shape, signed, quantization: .perChannel([scale], dimension: isDepthwise ? 3 : 0))
    }
  }
}
