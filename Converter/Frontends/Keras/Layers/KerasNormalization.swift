internal import ModelFormat

/// Normalization by stored and by computed statistics.
enum KerasNormalization {
  /// gamma (x - mean) / sqrt(variance + epsilon) + beta, as a product and a sum by channel.
  static func batch(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let rank = layer.inputShape.count
    let axis = try layer.axis(layer.config["axis"]?.int ?? layer.config["axis"]?.ints?.first ?? -1, rank: rank)
    let hasScale = layer.flag("scale", default: true)
    let hasCenter = layer.flag("center", default: true)
    var next = 0
    func weight() throws -> [Float] {
      next += 1
      return try layer.weight(next - 1, rank: 1).elements
    }
    let gamma = hasScale ? try weight() : nil
    let beta = hasCenter ? try weight() : nil
    let (mean, variance) = (try weight(), try weight())
    let channels = layer.inputShape[axis]
    guard [gamma, beta, mean, variance].allSatisfy({ $0 == nil || $0?.count == channels }) else {
      throw layer.malformed("its weights do not fit \(channels) channels")
    }
    let epsilon = Float(layer.config["epsilon"]?.number ?? 0.001)
    let scale = variance.indices.map { (gamma?[$0] ?? 1) / (variance[$0] + epsilon).squareRoot() }
    let shift = variance.indices.map { (beta?[$0] ?? 0) - mean[$0] * scale[$0] }
    guard (scale + shift).allSatisfy(\.isFinite) else {
      throw layer.malformed("a variance is zero or negative")
    }
    let shape = [channels] + Array(repeating: 1, count: rank - 1 - axis)
    let scaled = try builder.mul(layer.input, builder.constant(scale, shape: shape))
    return [try builder.add(scaled, builder.constant(shift, shape: shape))]
  }

  /// (x - mean) / sqrt(variance + epsilon) gamma + beta, with the statistics of each position.
  static func layer(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let rank = layer.inputShape.count
    let given = layer.config["axis"]?.ints ?? [layer.config["axis"]?.int ?? -1]
    let axes = try given.map { try layer.axis($0, rank: rank) }.sorted()
    guard !layer.flag("rms_scaling", default: false) else {
      return [try rootMeanSquare(layer, axes: axes, epsilon: layer.config["epsilon"]?.number ?? 0.001)]
    }
    let standard = try standardized(builder, layer.input, axes: axes, epsilon: layer.config["epsilon"]?.number ?? 0.001)
    return [
      try scaled(layer, standard, shape: layer.inputShape.indices.map { axes.contains($0) ? layer.inputShape[$0] : 1 })
    ]
  }

  private static func standardized(
    _ builder: GraphBuilder, _ x: ValueID, axes: [Int], epsilon: Double
  ) throws -> ValueID {
    let deviation = try builder.sub(x, builder.reduce(.mean, x, axes: axes))
    let variance = try builder.reduce(.mean, builder.mul(deviation, deviation), axes: axes)
    return try builder.mul(deviation, builder.unary(.rsqrt, builder.add(variance, epsilon)))
  }

  /// With the layer's gamma and beta, where it has them, as constants of `shape`.
  private static func scaled(_ layer: KerasLayer, _ x: ValueID, shape: [Int]) throws -> ValueID {
    let builder = layer.builder
    // A product by channel is what passes look for.
    let compact = Array(shape.drop { $0 == 1 })
    var (result, next) = (x, 0)
    func weight() throws -> ValueID {
      guard layer.weights.indices.contains(next), layer.weights[next].elements.count == compact.reduce(1, *) else {
        throw layer.malformed("its weights do not fit its input \(layer.inputShape)")
      }
      next += 1
      return builder.constant(layer.weights[next - 1].elements, shape: compact.isEmpty ? [1] : compact)
    }
    if layer.flag("scale", default: true) { result = try builder.mul(result, weight()) }
    if layer.flag("center", default: true) { result = try builder.add(result, weight()) }
    return result
  }

  /// Layer normalization of groups of channels.
  static func group(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let axis = try layer.axis(layer.config["axis"]?.int ?? -1, rank: layer.inputShape.count)
    let (data, back) = try builder.moveToEnd(layer.input, axis: axis)
    let shape = builder.shape(data)
    let channels = shape[shape.count - 1]
    let stated = layer.config["groups"]?.int ?? 32
    let groups = stated == -1 ? channels : stated
    guard axis > 0, shape.count > 2, groups > 0, channels % groups == 0 else {
      throw layer.unsupported(
        "\(groups) groups along axis \(axis) of input \(layer.inputShape)", "use groups that divide the channels")
    }
    let parts = try builder.reshape(
      data, [shape[0], shape[1..<shape.count - 1].reduce(1, *), groups, channels / groups])
    let standard = try standardized(builder, parts, axes: [1, 3], epsilon: layer.config["epsilon"]?.number ?? 0.001)
    return [try builder.transpose(scaled(layer, builder.reshape(standard, shape), shape: [channels]), back)]
  }

  /// x / sqrt(mean(x x) + epsilon) gamma.
  static func rootMeanSquare(_ layer: KerasLayer) throws -> [ValueID] {
    let rank = layer.inputShape.count
    let given = layer.config["axis"]?.ints ?? [layer.config["axis"]?.int ?? -1]
    let axes = try given.map { try layer.axis($0, rank: rank) }
    return [try rootMeanSquare(layer, axes: axes, epsilon: layer.config["epsilon"]?.number ?? 1e-6)]
  }

  private static func rootMeanSquare(_ layer: KerasLayer, axes: [Int], epsilon: Double) throws -> ValueID {
    let builder = layer.builder
    let square = try builder.reduce(.mean, builder.mul(layer.input, layer.input), axes: axes)
    let result = try builder.mul(layer.input, builder.unary(.rsqrt, builder.add(square, epsilon)))
    guard let scale = layer.weights.first else { return result }
    let shape = layer.inputShape.indices.map { axes.contains($0) ? layer.inputShape[$0] : 1 }
    guard scale.elements.count == shape.reduce(1, *) else { throw layer.malformed("its weights do not fit its input") }
    return try builder.mul(result, builder.constant(scale.elements, shape: Array(shape.drop { $0 == 1 })))
  }

  /// ConvNeXt's product by channel.
  static func layerScale(_ layer: KerasLayer) throws -> [ValueID] {
    [try layer.builder.mul(layer.input, layer.constant(layer.weight(0, rank: 1)))]
  }

  static func unit(_ layer: KerasLayer) throws -> [ValueID] {
    let rank = layer.inputShape.count
    let axis = layer.config["axis"]?.int ?? layer.config["axis"]?.ints?.first ?? -1
    let builder = layer.builder
    guard try layer.axis(axis, rank: rank) == rank - 1 else {
      let square = try builder.reduce(.sum, builder.mul(layer.input, layer.input), axes: [layer.axis(axis, rank: rank)])
      let inverse = try builder.unary(.rsqrt, builder.maximum(square, builder.scalar(1e-12)))
      return [try builder.mul(layer.input, inverse)]
    }
    return [try builder.emit(Operation(.l2Normalization, [0: .int8(0)]), [layer.input])]
  }
}
