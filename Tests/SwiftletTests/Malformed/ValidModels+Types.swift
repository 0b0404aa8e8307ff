import ModelFormat
import TestSupport

extension ValidModels {
  /// Activations 0 [1,3] of int16, weights 1 [2,3] of int8, bias 2 [2] of int64, output 3 [1,2].
  static func wideFullyConnected() -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", .int16, [1, 3], quantization: quantization)
    let weights = model.constant("weights", .int8, [2, 3], [1, 2, 3, -4, 5, 6] as [Int8], quantization: quantization)
    let bias = model.constant("bias", .int64, [2], [7, -9] as [Int64], quantization: .perTensor(0.25, 0))
    let output = model.tensor("output", .int16, [1, 2], quantization: quantization)
    model.operation(
      9, version: 11, inputs: [input, weights, bias], outputs: [output], options: OptionsSpec(8, [0: .int8(0)]))
    model.setInputs([input], outputs: [output])
    return model
  }

  /// Activations 0 [1,3] of int8, weights 1 [2,3] of int4, output 2 [1,2].
  static func smallFullyConnected() -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", .int8, [1, 3], quantization: quantization)
    let weights = model.constant("weights", .int4, [2, 3], [0x21, 0x83, 0x6F] as [UInt8], quantization: quantization)
    let output = model.tensor("output", .int8, [1, 2], quantization: quantization)
    model.operation(9, version: 7, inputs: [input, weights], outputs: [output], options: OptionsSpec(8, [0: .int8(0)]))
    model.setInputs([input], outputs: [output])
    return model
  }

  /// Activations 0 [1,8] of float32, weights 1 [2,8] of int4 in blocks of 4, output 2 [1,2], scales 3 [2,2].
  static func blockwise() -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [1, 8])
    let weights = model.constant("weights", .int4, [2, 8], (1...8).map { UInt8($0 * 17) })
    let output = model.tensor("output", .float32, [1, 2])
    let scales = model.constant("scales", .float32, [2, 2], [0.5, 1, 2, 4] as [Float])
    model.operation(9, version: 7, inputs: [input, weights], outputs: [output], options: OptionsSpec(8, [0: .int8(0)]))
    model.setInputs([input], outputs: [output])
    model.setQuantization(weights, .perTensor(1, 0))
    model.setBlocks(scales: scales, zeroPoints: -1, size: 4)
    return model
  }
}

extension ModelBuilder {
  /// Quantizes tensor 1 by blocks.
  mutating func setBlocks(scales: Int, zeroPoints: Int, size: Int) {
    override(.tensor(1, subgraph: 0), in: [4], field: 4, .uint8(2))
    override(
      .tensor(1, subgraph: 0), in: [4], field: 5,
      .table(TableSpec([0: .int32(Int32(scales)), 1: .int32(Int32(zeroPoints)), 2: .int32(Int32(size))])))
  }
}
