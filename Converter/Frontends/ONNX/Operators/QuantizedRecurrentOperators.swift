/// What ONNX Runtime's dynamic quantization makes of recurrent layers.
enum QuantizedRecurrentOperators {
  /// com.microsoft.DynamicQuantizeLSTM: an LSTM whose weights are int8 or uint8 and stand the other way round, (directions,
  /// inputs, 4 H) and (directions, H, 4 H), with one scale for each direction or for each of its columns.
  ///
  /// Operands: x, W, R, biases, lengths, first output, first memory, peepholes, then scale and zero point of W and of R. The
  /// weights become the real numbers that they stand for. ONNX Runtime also rounds the data to 8 bits before each product; here
  /// they stay real, so that results are nearer to those of the model before its quantization.
  static func lstm(_ node: ONNXNode) throws -> [ValueID] {
    var operands = (0..<8).map { node.optional($0) }
    operands[1] = try weights(node, 1, scale: 8)
    operands[2] = try weights(node, 2, scale: 10)
    return try RecurrentOperators.lstm(node.with(inputs: operands))
  }

  /// Operand `index` as (directions, 4 H, inputs) real numbers.
  private static func weights(_ node: ONNXNode, _ index: Int, scale: Int) throws -> ValueID {
    let builder = node.builder
    guard try node.shape(index).count == 3 else {
      throw node.malformed("its weights have shape \(try node.shape(index))")
    }
    let parameters = try [scale, scale + 1].map { position -> ValueID? in
      guard let id = node.optional(position) else { return nil }
      let shape = builder.shape(id)
      return shape.count == 2 ? try builder.reshape(id, [shape[0], 1, shape[1]]) : id
    }
    let real = try LinearQuantization(node.with(inputs: parameters), 0).real(node.input(index))
    return try builder.transpose(real, [0, 2, 1])
  }
}
