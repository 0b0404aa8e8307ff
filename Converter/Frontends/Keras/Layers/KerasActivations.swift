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
    case "celu": return try exponentialLinear(builder, x, layer.config["alpha"]?.number ?? 1)
    case "log_sigmoid":
      return try builder.unary(.neg, ActivationOperators.softplus(builder, builder.unary(.neg, x)))
    case "squareplus":
      let root = try builder.unary(.sqrt, builder.add(builder.mul(x, x), layer.config["b"]?.number ?? 4))
      return try builder.mul(builder.add(x, root), 0.5)
    case "tanh_shrink": return try builder.sub(x, builder.unary(.tanh, x))
    case "hard_tanh": return try builder.unary(.reluN1To1, x)
    case "soft_shrink", "hard_shrink":
      return try shrunk(builder, x, by: layer.config["threshold"]?.number ?? 0.5, keepsRest: name == "hard_shrink")
    case "sparse_sigmoid": return try builder.add(builder.mul(builder.unary(.reluN1To1, x), 0.5), 0.5)
    case "sparse_plus":
      let low = try builder.add(builder.unary(.reluN1To1, x), 1)
      let high = try builder.unary(.relu, builder.add(x, -1))
      return try builder.add(builder.mul(builder.mul(low, low), 0.25), high)
    case "glu":
      let axis = builder.shape(x).count - 1
      let halves = try (0..<2).map { try builder.part(x, axis: axis, $0, of: 2) }
      return try builder.mul(halves[0], builder.unary(.logistic, halves[1]))
    default: throw layer.unsupported("activation '\(name)'", "use a standard activation")
    }
  }

  /// max(x, 0) + alpha (exp(min(x, 0) / alpha) - 1).
  private static func exponentialLinear(_ builder: GraphBuilder, _ x: ValueID, _ alpha: Double) throws -> ValueID {
    if alpha == 1 { return try builder.unary(.elu, x) }
    return try builder.mul(builder.unary(.elu, builder.mul(x, 1 / alpha)), alpha)
  }

  /// Zero between -limit and limit; beyond, x, or what x has beyond.
  private static func shrunk(
    _ builder: GraphBuilder, _ x: ValueID, by limit: Double, keepsRest: Bool
  ) throws -> ValueID {
    if keepsRest {
      let isLarge = try builder.compare(.greater, builder.unary(.abs, x), builder.scalar(limit))
      return try builder.select(isLarge, x, builder.scalar(0))
    }
    let above = try builder.unary(.relu, builder.add(x, -limit))
    return try builder.add(above, builder.minimum(builder.add(x, limit), builder.scalar(0)))
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
    if let threshold = layer.config["threshold"]?.number, threshold != 0 {
      return [try thresholded(builder, layer.input, threshold, slope: slope, maximum: maximum)]
    }
    if slope == 0, maximum == 6 { return [try builder.unary(.relu6, layer.input)] }
    var result =
      slope == 0
      ? try builder.unary(.relu, layer.input) : try builder.emit(.leakyRelu(slope: Float(slope)), [layer.input])
    if let maximum { result = try builder.minimum(result, builder.scalar(maximum)) }
    return [result]
  }

  /// x from the threshold on, up to the maximum; below, what x lacks times the slope.
  private static func thresholded(
    _ builder: GraphBuilder, _ x: ValueID, _ threshold: Double, slope: Double, maximum: Double?
  ) throws -> ValueID {
    let isAbove = try builder.compare(.greaterEqual, x, builder.scalar(threshold))
    let below = slope == 0 ? builder.scalar(0) : try builder.mul(builder.add(x, -threshold), slope)
    let result = try builder.select(isAbove, x, below)
    return try maximum.map { try builder.minimum(result, builder.scalar($0)) } ?? result
  }

  /// Keras 2: x above theta, else 0.
  static func thresholdedReLU(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let theta = layer.config["theta"]?.number ?? 1
    let isAbove = try builder.compare(.greater, layer.input, builder.scalar(theta))
    return [try builder.select(isAbove, layer.input, builder.scalar(0))]
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
    let axes = layer.config["axis"]?.ints ?? [layer.config["axis"]?.int ?? -1]
    return [try along(axes, layer) { try layer.builder.emit(.softmax(), [$0]) }]
  }

  /// What `body` makes of the last dimension, of several together or of another one.
  static func along(_ axes: [Int], _ layer: KerasLayer, _ body: (ValueID) throws -> ValueID) throws -> ValueID {
    let (builder, shape) = (layer.builder, layer.inputShape)
    let chosen = try axes.map { try layer.axis($0, rank: shape.count) }.sorted()
    guard Set(chosen).count == chosen.count, !chosen.isEmpty else { throw layer.malformed("its axes repeat") }
    let order = shape.indices.filter { !chosen.contains($0) } + chosen
    var back = Array(repeating: 0, count: order.count)
    for (position, source) in order.enumerated() { back[source] = position }
    let moved = try builder.transpose(layer.input, order)
    let full = builder.shape(moved)
    let merged = full.dropLast(chosen.count) + [chosen.reduce(1) { $0 * shape[$1] }]
    return try builder.transpose(builder.reshape(body(builder.reshape(moved, Array(merged))), full), back)
  }
}
