internal import ModelFormat

/// Operators on quantized tensors (QLinearConv and relatives): DEQUANTIZE, the operator on real numbers, QUANTIZE. Where
/// the file format has the operator on integers, `QuantizedEdges` makes it that.
enum LinearOperators {
  /// Operands: x, scale, zero point, w, scale, zero point, result's scale and zero point, bias.
  static func conv(_ node: ONNXNode) throws -> [ValueID] {
    let data = try LinearQuantization(node, 1).real(node.input(0))
    let weights = try LinearQuantization(node, 4, axis: 0).real(node.input(3))
    let bias = try node.optional(8).map { try realBias(node, $0, scales: (1, 4)) }
    let result = try ConvolutionOperators.conv(node.with(inputs: [data, weights, bias]))[0]
    return [try stored(node, result, parameters: 6)]
  }

  /// Operands: a, scale, zero point, b, scale, zero point, result's scale and zero point.
  static func matMul(_ node: ONNXNode) throws -> [ValueID] {
    let left = try LinearQuantization(node, 1, axis: -2).real(node.input(0))
    let right = try LinearQuantization(node, 4, axis: -1).real(node.input(3))
    let product = try MatrixOperators.product(node.builder, left, right)
    return [try stored(node, product, parameters: 6)]
  }

  /// Operands: a, scale, zero point, b, scale, zero point, bias, result's scale and zero point; without the last two the
  /// result is real.
  static func gemm(_ node: ONNXNode) throws -> [ValueID] {
    let left = try LinearQuantization(node, 1).real(node.input(0))
    let isTransposed = node.int("transB", default: 0) == 1
    let right = try LinearQuantization(node, 4, axis: isTransposed ? 0 : 1).real(node.input(3))
    let bias = try node.optional(6).map { bias in
      try node.builder.mul(realBias(node, bias, scales: (1, 4)), Double(node.float("alpha", default: 1)))
    }
    let result = try MatrixOperators.gemm(node.with(inputs: [left, right, bias]))
    guard node.optional(7) != nil else { return result }
    return [try stored(node, result[0], parameters: 7)]
  }

  /// int32 elements in units of the product of both scales.
  private static func realBias(_ node: ONNXNode, _ bias: ValueID, scales: (Int, Int)) throws -> ValueID {
    let builder = node.builder
    let factor = try builder.mul(builder.reshape(node.input(scales.0), []), node.input(scales.1))
    return try builder.mul(builder.cast(bias, to: .float32), factor)
  }

  /// An operator of one tensor: x, scale, zero point, result's scale and zero point.
  static func unary(_ lowering: @escaping ONNXLowering) -> ONNXLowering {
    { node in
      let data = try LinearQuantization(node, 1).real(node.input(0))
      return [try stored(node, lowering(node.with(inputs: [data]))[0], parameters: 3)]
    }
  }

  /// An operator of two tensors: a, scale, zero point, b, scale, zero point, result's scale and zero point.
  static func binary(_ lowering: @escaping ONNXLowering) -> ONNXLowering {
    { node in
      let left = try LinearQuantization(node, 1).real(node.input(0))
      let right = try LinearQuantization(node, 4).real(node.input(3))
      return [try stored(node, lowering(node.with(inputs: [left, right]))[0], parameters: 6)]
    }
  }

  /// Operands: result's scale and zero point, then tensor, scale and zero point of each part.
  static func concat(_ node: ONNXNode) throws -> [ValueID] {
    let parts = try stride(from: 2, to: node.inputs.count, by: 3).map { index in
      try LinearQuantization(node, index + 1).real(node.input(index))
    }
    return [try stored(node, MovementOperators.concat(node.with(inputs: parts))[0], parameters: 0)]
  }

  private static func stored(_ node: ONNXNode, _ result: ValueID, parameters index: Int) throws -> ValueID {
    let type = try node.optional(index + 1).map { node.builder.type($0) } ?? node.type(0)
    return try LinearQuantization(node, index).stored(result, as: type)
  }

  /// Sums of products of integers less their zero points, as int32; exact while the sums stay below 2^24.
  static func convInteger(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let operands = try [0, 1].map { index -> ValueID in
      let floats = try builder.cast(node.input(index), to: .float32)
      guard let zeroPoint = node.optional(index + 2) else { return floats }
      var shift = try builder.cast(zeroPoint, to: .float32)
      // Zero points of the weights may belong to the outputs, which come first.
      var shape = Array(repeating: 1, count: builder.shape(floats).count)
      shape[0] = builder.value(shift).count
      shift = try builder.reshape(shift, shape[0] == 1 ? [] : shape)
      return try builder.sub(floats, shift)
    }
    return [try builder.cast(ConvolutionOperators.conv(node.with(inputs: operands))[0], to: .int32)]
  }
}
