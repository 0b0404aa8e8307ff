import ModelFormat
import TestSupport

/// Operators with a state, and those that multiply matrices beside the convolutions.
extension ValidModels {
  /// Input [1,3] 0, feature weights [4,3] 1, time weights [4,5] 2, bias [2] 3, state [1,20] 4, output [1,2] 5; rank 2.
  static func rankTwoSVDF() -> ModelBuilder {
    var model = ModelBuilder()
    let input = model.tensor("input", .float32, [1, 3])
    let feature = model.constant("feature", .float32, [4, 3], (0..<12).map { Float($0) / 10 })
    let time = model.constant("time", .float32, [4, 5], (0..<20).map { Float($0) / 10 })
    let bias = model.constant("bias", .float32, [2], [0.5, -0.5] as [Float])
    let state = model.tensor("state", .float32, [1, 20], isVariable: true)
    let output = model.tensor("output", .float32, [1, 2])
    model.operation(
      27, inputs: [input, feature, time, bias, state], outputs: [output], options: OptionsSpec(6, [0: .int32(2)]))
    model.setInputs([input], outputs: [output])
    return model
  }

  /// UNIDIRECTIONAL_SEQUENCE_LSTM on int8: input [1,2,3] 0, input weights [4,3] 1 to 4, recurrent weights [4,4] 5 to 8,
  /// biases [4] 9 to 12, output state 13, cell state 14, output 15, intermediates 16 to 20.
  static func lstm() -> ModelBuilder {
    var model = ModelBuilder()
    let small = QuantizationSpec.perTensor(0.01, 0)
    let stateQuantization = QuantizationSpec.perTensor(1 / 128, 0)
    let input = model.tensor("input", .int8, [1, 2, 3], quantization: .perTensor(0.02, -5))
    let inputWeights = (0..<4).map { gate in
      model.constant("w\(gate)", .int8, [4, 3], (0..<12).map { Int8($0 * 9 - 50 + gate) }, quantization: small)
    }
    let recurrent = (0..<4).map { gate in
      model.constant("r\(gate)", .int8, [4, 4], (0..<16).map { Int8(40 - $0 * 5 + gate) }, quantization: small)
    }
    let biases = (0..<4).map { gate in
      model.constant(
        "b\(gate)", .int32, [4], (0..<4).map { Int32($0 * 700 - 900) }, quantization: .perTensor(0.0002, 0))
    }
    let outputState = model.tensor("h", .int8, [1, 4], quantization: stateQuantization, isVariable: true)
    let cellState = model.tensor("c", .int16, [1, 4], quantization: .perTensor(1 / 2048, 0), isVariable: true)
    let output = model.tensor("output", .int8, [1, 2, 4], quantization: stateQuantization)
    let intermediates = (0..<5).map {
      model.tensor(
        "i\($0)", $0 < 4 ? .int16 : .int8, [1], quantization: $0 < 4 ? .perTensor(1 / 4096, 0) : stateQuantization)
    }
    let node = model.operation(
      44, inputs: [input] + inputWeights + recurrent + [-1, -1, -1] + biases + [-1, -1, outputState, cellState],
      outputs: [output], options: OptionsSpec(71, [0: .int8(4)]))
    model.subgraphs[0].operators[node].intermediates = intermediates
    model.setInputs([input], outputs: [output])
    return model
  }

  /// Output shape 0, weights [3,2,2,1] 1, data [1,2,2,1] 2, output [1,4,4,3] 3; stride 2, VALID.
  static func transposeConvolution() -> ModelBuilder {
    var model = ModelBuilder()
    let shape = model.constant("shape", .int32, [4], [1, 4, 4, 3] as [Int32])
    let weights = model.constant(
      "weights", .int8, [3, 2, 2, 1], (0..<12).map { Int8($0) },
      quantization: .perChannel([0.1, 0.2, 0.3], dimension: 0))
    let data = model.tensor("data", .int8, [1, 2, 2, 1], quantization: quantization)
    let output = model.tensor("output", .int8, [1, 4, 4, 3], quantization: quantization)
    model.operation(
      67, inputs: [shape, weights, data], outputs: [output],
      options: OptionsSpec(49, [0: .int8(1), 1: .int32(2), 2: .int32(2)]))
    model.setInputs([data], outputs: [output])
    return model
  }

  /// Inputs [2,3] 0 and [3,4] 1, output [2,4] 2.
  static func batchMatMul() -> ModelBuilder {
    operation(126, .float32, [[2, 3], [3, 4]], [2, 4], OptionsSpec(101))
  }
}
