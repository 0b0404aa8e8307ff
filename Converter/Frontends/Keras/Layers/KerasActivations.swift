internal import ModelFormat

/// Activation functions, as layers of their own and as part of others.
enum KerasActivations {
  static func apply(_ name: String, to x: ValueID, in layer: KerasLayer) throws -> ValueID {
    let builder = layer.builder
    switch name {
    case "linear": return x
    case "relu": return try builder.unary(.relu, x)
    case "relu6": return try builder.unary(.relu6, x)
    case "sigmoid": return try builder.unary(.logistic, x)
    case "tanh": return try builder.unary(.tanh, x)
    case "elu": return try builder.unary(.elu, x)
    case "exponential": return try builder.unary(.exp, x)
    case "softplus": return try ActivationOperators.softplus(builder, x)
    case "softsign": return try builder.div(x, builder.add(builder.unary(.abs, x), 1))
    case "swish", "silu": return try builder.mul(x, builder.unary(.logistic, x))
    case "gelu": return try builder.emit(.gelu(approximate: false), [x])
    case "mish": return try builder.mul(x, builder.unary(.tanh, ActivationOperators.softplus(builder, x)))
    case "hard_sigmoid": return try hardSigmoid(layer, x)
    case "hard_swish", "hard_silu": return try builder.unary(.hardSwish, x)
    case "softmax": return try builder.emit(.softmax(), [x])
    case "log_softmax": return try builder.unary(.logSoftmax, x)
    case "leaky_relu": return try builder.emit(.leakyRelu(slope: 0.2), [x])
    case "selu": return try builder.mul(exponential(builder, x, 1.6732632423543772), 1.0507009873554805)
    default: throw layer.unsupported("activation '\(name)'", "use a standard activation")
    }
  }

  /// max(x, 0) + alpha (exp(min(x, 0)) - 1).
  private static func exponential(_ builder: GraphBuilder, _ x: ValueID, _ alpha: Double) throws -> ValueID {
    let negative = try builder.minimum(x, builder.scalar(0))
    let curve = try builder.mul(builder.add(builder.unary(.exp, negative), -1), alpha)
    return try builder.add(builder.unary(.relu, x), curve)
  }

  /// clip(x / 6 + 1/2, 0, 1) since Keras 3, with slope 0.2 before.
  private static func hardSigmoid(_ layer: KerasLayer, _ x: ValueID) throws -> ValueID {
    let builder = layer.builder
    if layer.isKeras3 {
      return try builder.mul(builder.unary(.relu6, builder.add(x, 3)), 1.0 / 6)
    }
    return try builder.mul(builder.unary(.relu6, builder.add(builder.mul(x, 1.2), 3)), 1.0 / 6)
  }

  static func layer(_ layer: KerasLayer) throws -> [ValueID] { try layer.activated(layer.input) }

  static func relu(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let maximum = layer.config["max_value"]?.number
    let slope = layer.config["negative_slope"]?.number ?? 0
    guard layer.config["threshold"]?.number ?? 0 == 0 else {
      throw layer.unsupported("a threshold", "subtract it before the layer")
    }
    if slope == 0, maximum == 6 { return [try builder.unary(.relu6, layer.input)] }
    var result =
      slope == 0
      ? try builder.unary(.relu, layer.input) : try builder.emit(.leakyRelu(slope: Float(slope)), [layer.input])
    if let maximum { result = try builder.minimum(result, builder.scalar(maximum)) }
    return [result]
  }

  static func leakyReLU(_ layer: KerasLayer) throws -> [ValueID] {
    let slope = (layer.config["negative_slope"] ?? layer.config["alpha"])?.number ?? 0.3
    return [try layer.builder.emit(.leakyRelu(slope: Float(slope)), [layer.input])]
  }

  static func elu(_ layer: KerasLayer) throws -> [ValueID] {
    let alpha = layer.config["alpha"]?.number ?? 1
    return [try alpha == 1 ? layer.builder.unary(.elu, layer.input) : exponential(layer.builder, layer.input, alpha)]
  }

  static func prelu(_ layer: KerasLayer) throws -> [ValueID] {
    let slopes = try layer.weight(0, rank: layer.inputShape.count - 1)
    return [try layer.builder.emit(Operation(.prelu), [layer.input, layer.constant(slopes)])]
  }

  static func softmax(_ layer: KerasLayer) throws -> [ValueID] {
    let axis = layer.config["axis"]?.int ?? -1
    let rank = layer.inputShape.count
    guard axis == -1 || axis == rank - 1 else {
      throw layer.unsupported("an axis other than the last", "permute before it")
    }
    return [try layer.builder.emit(.softmax(), [layer.input])]
  }
}
