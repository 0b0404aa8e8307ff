internal import ModelFormat

/// Operators of ONNX Runtime (domain com.microsoft) that its optimizer makes of several standard ones.
enum FusedOperators {
  /// alpha A B, either with its last two dimensions exchanged.
  static func matMul(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    guard node.int("transBatchA", default: 0) == 0, node.int("transBatchB", default: 0) == 0 else {
      throw node.unsupported("transposed batches", "export the model without ONNX Runtime's optimizations")
    }
    var operands = try [("transA", 0), ("transB", 1)].map { name, index in
      let operand = try node.input(index)
      let rank = builder.shape(operand).count
      guard node.int(name, default: 0) == 1, rank > 1 else { return operand }
      return try builder.transpose(operand, Array(0..<rank - 2) + [rank - 1, rank - 2])
    }
    let alpha = Double(node.float("alpha", default: 1))
    // Into the weights, where there are any.
    let scaled = builder.value(operands[1]).isConstant ? 1 : 0
    if alpha != 1 { operands[scaled] = try builder.mul(operands[scaled], alpha) }
    return [try MatrixOperators.product(builder, operands[0], operands[1])]
  }

  static func gemm(_ node: ONNXNode) throws -> [ValueID] {
    let parameters = ["activation_alpha", "activation_beta"].compactMap { node.optionalFloat($0) }
    return [try activated(node, MatrixOperators.gemm(node)[0], parameters)]
  }

  /// Operands: x, weights, bias, and what is added before the activation.
  static func conv(_ node: ONNXNode) throws -> [ValueID] {
    var result = try ConvolutionOperators.conv(node)[0]
    if let addend = node.optional(3) { result = try node.builder.add(result, addend) }
    return [try activated(node, result, node.floats(named: "activation_params") ?? [])]
  }

  private static func activated(_ node: ONNXNode, _ x: ValueID, _ parameters: [Float]) throws -> ValueID {
    let builder = node.builder
    let numbers = parameters.map { Double($0) }
    switch (node.string("activation", default: ""), numbers.count) {
    case ("", _): return x
    case ("Relu", _): return try builder.unary(.relu, x)
    case ("Tanh", _): return try builder.unary(.tanh, x)
    case ("Sigmoid", _): return try builder.unary(.logistic, x)
    case ("LeakyRelu", let count): return try builder.emit(.leakyRelu(slope: count > 0 ? parameters[0] : 0.01), [x])
    case ("Clip", 2): return try builder.clipped(x, numbers[0], numbers[1])
    case ("HardSigmoid", 2): return try builder.clipped(builder.add(builder.mul(x, numbers[0]), numbers[1]), 0, 1)
    case (let name, let count):
      throw node.unsupported(
        "the activation '\(name)' with \(count) parameters", "export the model without ONNX Runtime's optimizations")
    }
  }

  /// GELU of the sum of two operands, of which the second may be missing.
  static func gelu(approximate: Bool) -> ONNXLowering {
    { node in
      try node.requireFloat(0)
      let x = try node.optional(1).map { try node.builder.add(node.input(0), $0) } ?? node.input(0)
      return [try node.builder.emit(.gelu(approximate: approximate), [x])]
    }
  }

  /// x times the logistic function of alpha x.
  static func quickGelu(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let (builder, x) = (node.builder, try node.input(0))
    let scaled = try builder.mul(x, Double(node.float("alpha", default: 1.702)))
    return [try builder.mul(x, builder.unary(.logistic, scaled))]
  }

  // MARK: Normalizations

  /// Operands: x, what is added to it, scale, shift, bias. The last output is the sum.
  static func skipLayerNormalization(_ node: ONNXNode) throws -> [ValueID] {
    let sum = try skipped(node, bias: 4)
    return try NormalizationOperators.layer(
      node.with(inputs: [sum, node.input(2), node.optional(3)]), epsilon: 1e-12) + [sum]
  }

  /// As `skipLayerNormalization`, without the mean and without a shift.
  static func skipRootMeanSquare(_ node: ONNXNode) throws -> [ValueID] {
    let sum = try skipped(node, bias: 3)
    let result = try NormalizationOperators.rootMeanSquare(
      node.with(inputs: [sum, node.input(2)]), epsilon: 1e-12)
    guard !node.isOutputUsed(1), !node.isOutputUsed(2) else {
      throw node.unsupported("outputs of training", "export the model for inference")
    }
    return result + [sum, sum, sum]
  }

  private static func skipped(_ node: ONNXNode, bias: Int) throws -> ValueID {
    try node.requireFloat(0)
    let sum = try node.builder.add(node.input(0), node.input(1))
    return try node.optional(bias).map { try node.builder.add(sum, $0) } ?? sum
  }

  /// Embeddings of words, places and segments, added and normalized. Operands: words, segments, the three tables, scale,
  /// shift, mask, places. The other outputs are the number of words that the mask shows, and the sum.
  static func embedLayerNormalization(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let words = try node.shape(0)
    guard words.count == 2 else { throw node.malformed("words of shape \(words)") }
    func rows(_ table: Int, _ indices: ValueID) throws -> ValueID {
      try builder.emit(.gather(axis: 0), [node.input(table), builder.cast(indices, to: .int32)])
    }
    let places = node.optional(8) ?? builder.integers(Array(0..<words[1]), shape: [1, words[1]])
    var sum = try builder.add(rows(2, node.input(0)), rows(3, places))
    if let segments = node.optional(1) { sum = try builder.add(sum, rows(4, segments)) }
    let result = try NormalizationOperators.layer(
      node.with(inputs: [sum, node.input(5), node.input(6)]), epsilon: 1e-12)
    let zeros = builder.integers(Array(repeating: 0, count: words[0]))
    let lengths = try node.optional(7).map {
      try builder.reduce(.sum, builder.cast($0, to: .int32), axes: [1], keepsDimensions: false)
    }
    return [result[0], lengths ?? zeros, sum]
  }

  // MARK: Products of integers

  /// Operands: a, b, their scales, their zero points, bias.
  static func matMulIntegerToFloat(_ node: ONNXNode) throws -> [ValueID] {
    let sides = try [(0, -2), (1, -1)].map { index, axis in
      try real(node, index, scale: index + 2, zeroPoint: index + 4, axis: axis)
    }
    return [try biased(node, MatrixOperators.product(node.builder, sides[0], sides[1]), bias: 6)]
  }

  /// Operands: real numbers, which ONNX Runtime rounds to 8 bits first, then b, its scale and zero point, bias.
  static func dynamicQuantizeMatMul(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let right = try real(node, 1, scale: 2, zeroPoint: 3, axis: -1)
    return [try biased(node, MatrixOperators.product(node.builder, node.input(0), right), bias: 4)]
  }

  /// Operand `index` as the real numbers that it stands for.
  static func real(_ node: ONNXNode, _ index: Int, scale: Int, zeroPoint: Int, axis: Int = 0) throws -> ValueID {
    let parameters = node.with(inputs: [try node.input(scale), node.optional(zeroPoint)])
    return try LinearQuantization(parameters, 0, axis: axis).real(node.input(index))
  }

  private static func biased(_ node: ONNXNode, _ product: ValueID, bias: Int) throws -> ValueID {
    try node.optional(bias).map { try node.builder.add(product, $0) } ?? product
  }
}

extension GraphBuilder {
  fileprivate func clipped(_ x: ValueID, _ low: Double, _ high: Double) throws -> ValueID {
    if low == 0, high == 6 { return try unary(.relu6, x) }
    return try minimum(maximum(x, scalar(low)), scalar(high))
  }
}
