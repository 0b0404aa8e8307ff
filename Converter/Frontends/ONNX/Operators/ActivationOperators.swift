internal import ModelFormat

/// Activation functions.
enum ActivationOperators {
  static func leakyRelu(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    return [try node.builder.emit(.leakyRelu(slope: node.float("alpha", default: 0.01)), [node.input(0)])]
  }

  /// The slopes broadcast to the input from the right.
  static func prelu(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let (input, slope) = (try node.input(0), try node.input(1))
    let type = builder.type(input)
    guard type == .float32 else {
      let zero = builder.scalar(0, type: type)
      return [try builder.select(builder.compare(.less, input, zero), builder.mul(input, slope), input)]
    }
    let rank = builder.shape(input).count
    let shape = builder.shape(slope)
    guard rank > 1, shape.count < rank || shape.count == rank && shape[0] == 1 else {
      let negative = try builder.mul(builder.minimum(input, builder.scalar(0)), slope)
      return [try builder.add(builder.unary(.relu, input), negative)]
    }
    // PRELU's slopes have no batch dimension.
    let padded = Array(repeating: 1, count: max(0, rank - 1 - shape.count)) + shape.suffix(rank - 1)
    return [try builder.emit(Operation(.prelu), [input, builder.reshape(slope, padded)])]
  }

  static func elu(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let alpha = node.float("alpha", default: 1)
    if alpha == 1 { return [try node.builder.unary(.elu, node.input(0))] }
    return [try scaledELU(node.builder, node.input(0), alpha: Double(alpha))]
  }

  /// max(x, 0) + alpha (exp(min(x, 0)) - 1).
  private static func scaledELU(_ builder: GraphBuilder, _ x: ValueID, alpha: Double) throws -> ValueID {
    let negative = try builder.minimum(x, builder.scalar(0))
    let exponential = try builder.mul(builder.add(builder.unary(.exp, negative), -1), alpha)
    return try builder.add(builder.unary(.relu, x), exponential)
  }

  static func selu(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let alpha = node.float("alpha", default: 1.67326319217681884765625)
    let gamma = node.float("gamma", default: 1.05070102214813232421875)
    return [try node.builder.mul(scaledELU(node.builder, node.input(0), alpha: Double(alpha)), Double(gamma))]
  }

  /// max(0, x) + min(0, alpha (exp(x / alpha) - 1)).
  static func celu(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let alpha = Double(node.float("alpha", default: 1))
    let negative = try builder.minimum(node.input(0), builder.scalar(0))
    let exponential = try builder.add(builder.unary(.exp, builder.mul(negative, 1 / alpha)), -1)
    return [try builder.add(builder.unary(.relu, node.input(0)), builder.mul(exponential, alpha))]
  }

  /// ln(1 + exp(x)) as max(x, 0) + ln(1 + exp(-|x|)), which does not overflow.
  static func softplus(_ builder: GraphBuilder, _ x: ValueID) throws -> ValueID {
    let decay = try builder.unary(.exp, builder.unary(.neg, builder.unary(.abs, x)))
    return try builder.add(builder.unary(.relu, x), builder.unary(.log, builder.add(decay, 1)))
  }

  static let softplus = ElementwiseOperators.composed { try softplus($0, $1) }

  static let softsign = ElementwiseOperators.composed { builder, x in
    try builder.div(x, builder.add(builder.unary(.abs, x), 1))
  }

  static let mish = ElementwiseOperators.composed { builder, x in
    try builder.mul(x, builder.unary(.tanh, softplus(builder, x)))
  }

  static func swish(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let alpha = Double(node.float("alpha", default: 1))
    let scaled = alpha == 1 ? try node.input(0) : try builder.mul(node.input(0), alpha)
    return [try builder.mul(node.input(0), builder.unary(.logistic, scaled))]
  }

  /// clip(alpha x + beta, 0, 1); with alpha = 1/6 as RELU6(x + 3) / 6, which is how the file format's patterns have it.
  static func hardSigmoid(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let (alpha, beta) = (node.float("alpha", default: 0.2), node.float("beta", default: 0.5))
    if alpha > 0 {
      let shifted = try builder.add(builder.mul(node.input(0), 6 * Double(alpha)), 6 * Double(beta))
      return [try builder.mul(builder.unary(.relu6, shifted), 1.0 / 6)]
    }
    let line = try builder.add(builder.mul(node.input(0), Double(alpha)), Double(beta))
    return [try builder.minimum(builder.unary(.relu, line), builder.scalar(1))]
  }

  static func gelu(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let isApproximate = node.string("approximate", default: "none") == "tanh"
    return [try node.builder.emit(.gelu(approximate: isApproximate), [node.input(0)])]
  }

  static func thresholdedRelu(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let isAbove = try builder.compare(
      .greater, node.input(0), builder.scalar(Double(node.float("alpha", default: 1))))
    return [try builder.mul(node.input(0), builder.cast(isAbove, to: .float32))]
  }

  static func shrink(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let type = try node.type(0)
    let x = try builder.cast(node.input(0), to: .float32)
    let (bias, limit) = (Double(node.float("bias", default: 0)), Double(node.float("lambd", default: 0.5)))
    let below = try builder.cast(builder.compare(.less, x, builder.scalar(-limit)), to: .float32)
    let above = try builder.cast(builder.compare(.greater, x, builder.scalar(limit)), to: .float32)
    let left = try builder.mul(builder.add(x, bias), below)
    let right = try builder.mul(builder.add(x, -bias), above)
    return [try builder.cast(builder.add(left, right), to: type)]
  }

  /// SOFTMAX and LOG_SOFTMAX work on the last dimension; before operator set 13 on all from `axis` on.
  static func softmax(_ kind: OperatorKind) -> ONNXLowering {
    { node in
      try node.requireFloat(0)
      let operation: Operation = kind == .softmax ? .softmax() : Operation(kind)
      return [try alongAxis(node) { try node.builder.emit(operation, [$0]) }]
    }
  }

  /// One at the first maximum, zero elsewhere.
  static func hardmax(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    return [
      try alongAxis(node) { data in
        let rank = builder.shape(data).count
        let index = try builder.emit(
          .argExtremum(.argMax, type: .int32), [data, builder.scalar(Double(rank - 1), type: .int32)], type: .int32)
        return try builder.emit(
          .oneHot(axis: -1),
          [
            index, builder.scalar(Double(builder.shape(data)[rank - 1]), type: .int32), builder.scalar(1),
            builder.scalar(0),
          ],
          type: .float32)
      }
    ]
  }

  private static func alongAxis(_ node: ONNXNode, _ body: (ValueID) throws -> ValueID) throws -> ValueID {
    let builder = node.builder
    let input = try node.input(0)
    let shape = builder.shape(input)
    let axis = try node.normalized(node.int("axis", default: node.opset < 13 ? 1 : -1), rank: shape.count)
    if axis == shape.count - 1 { return try body(input) }
    if node.opset < 13 {
      let flat = [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)]
      return try builder.reshape(body(builder.reshape(input, flat)), shape)
    }
    let (moved, back) = try builder.moveToEnd(input, axis: axis)
    return try builder.transpose(body(moved), back)
  }
}
