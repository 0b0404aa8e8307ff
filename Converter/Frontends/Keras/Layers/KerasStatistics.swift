internal import ModelFormat

/// Functions between layers that sum up along axes.
enum KerasStatistics {
  /// The variance, or its root.
  static func spread(isDeviation: Bool) -> KerasLowering {
    { layer in
      let (builder, axes) = (layer.builder, try axes(layer))
      let deviation = try builder.sub(layer.input, builder.reduce(.mean, layer.input, axes: axes))
      let variance = try builder.reduce(
        .mean, builder.mul(deviation, deviation), axes: axes, keepsDimensions: keepsDimensions(layer))
      return [isDeviation ? try builder.unary(.sqrt, variance) : variance]
    }
  }

  /// ln(sum(exp(x))), which does not overflow less the maximum.
  static func logSumExp(_ layer: KerasLayer) throws -> [ValueID] {
    let (builder, axes) = (layer.builder, try axes(layer))
    let highest = try builder.reduce(.reduceMax, layer.input, axes: axes)
    let parts = try builder.unary(.exp, builder.sub(layer.input, highest))
    let sum = try builder.reduce(.sum, parts, axes: axes)
    let result = try builder.add(builder.unary(.log, sum), highest)
    if keepsDimensions(layer) { return [result] }
    let shape = builder.shape(result)
    return [try builder.reshape(result, shape.indices.filter { !axes.contains($0) }.map { shape[$0] })]
  }

  /// The root of the sum of squares, the sum of magnitudes, or the largest of them.
  static func norm(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let order = layer.parameter(1, "ord")
    let axes = try axes(layer, position: 2)
    let keeps = layer.parameter(3, "keepdims")?.bool ?? false
    switch (order?.number, order?.text, axes.count) {
    case (nil, nil, _), (2, _, 1), (nil, "euclidean", _), (nil, "fro", 2):
      let squares = try builder.reduce(
        .sum, builder.mul(layer.input, layer.input), axes: axes, keepsDimensions: keeps)
      return [try builder.unary(.sqrt, squares)]
    case (1, _, 1):
      return [try builder.reduce(.sum, builder.unary(.abs, layer.input), axes: axes, keepsDimensions: keeps)]
    case (.infinity, _, 1):
      return [try builder.reduce(.reduceMax, builder.unary(.abs, layer.input), axes: axes, keepsDimensions: keeps)]
    default: throw layer.unsupported("a norm of another order than 1 and 2", "write it with sums")
    }
  }

  static func cumulativeSum(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    // TensorFlow sums along the first axis, Keras along all elements in a row.
    guard let given = layer.parameter(1, "axis")?.int ?? (layer.isKeras3 ? nil : 0) else {
      throw layer.unsupported("no axis", "give it one, or reshape its input to one dimension")
    }
    let axis = try layer.axis(given, rank: layer.inputShape.count)
    return [
      try builder.emit(
        .cumsum(
          isExclusive: layer.parameter(2, "exclusive")?.bool ?? false,
          isReversed: layer.parameter(3, "reverse")?.bool ?? false),
        [layer.input, builder.scalar(Double(axis), type: .int32)])
    ]
  }

  private static func axes(_ layer: KerasLayer, position: Int = 1) throws -> [Int] {
    let rank = layer.inputShape.count
    let given = layer.parameter(position, "axis")
    return try (given?.ints ?? given?.int.map { [$0] } ?? Array(0..<rank)).map { try layer.axis($0, rank: rank) }
      .sorted()
  }

  private static func keepsDimensions(_ layer: KerasLayer) -> Bool { layer.parameter(2, "keepdims")?.bool ?? false }
}
