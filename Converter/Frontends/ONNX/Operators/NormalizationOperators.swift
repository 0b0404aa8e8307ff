internal import ModelFormat

/// Normalizations, in operators of the file format; passes fold what can be folded into the layers before.
enum NormalizationOperators {
  /// x * scale + shift, by channel.
  static func batch(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    guard node.int("training_mode", default: 0) == 0 else {
      throw node.unsupported("training mode", "export the model for inference")
    }
    let rank = try node.shape(0).count
    let epsilon = Double(node.float("epsilon", default: 1e-5))
    let root = try builder.unary(.sqrt, builder.add(node.input(4), epsilon))
    let scale = try builder.div(node.input(1), root)
    let shift = try builder.sub(node.input(2), builder.mul(node.input(3), scale))
    let channels = try node.shape(1) + Array(repeating: 1, count: max(rank - 2, 0))
    let scaled = try builder.mul(node.input(0), builder.reshape(scale, channels))
    return [try builder.add(scaled, builder.reshape(shift, channels))]
  }

  /// (x - mean) / sqrt(variance + epsilon) over `axes`, with the inverse root beside it.
  private static func standardized(
    _ builder: GraphBuilder, _ x: ValueID, axes: [Int], epsilon: Double
  ) throws -> (result: ValueID, mean: ValueID, inverse: ValueID) {
    let mean = try builder.reduce(.mean, x, axes: axes)
    let deviation = try builder.sub(x, mean)
    let variance = try builder.reduce(.mean, builder.mul(deviation, deviation), axes: axes)
    let inverse = try builder.unary(.rsqrt, builder.add(variance, epsilon))
    return (try builder.mul(deviation, inverse), mean, inverse)
  }

  /// As `standardized`, over all numbers of a group of channels, of which there are `groups`: means over the picture and
  /// then over channels, so that the picture keeps its shape.
  private static func standardized(
    _ builder: GraphBuilder, _ x: ValueID, groups: Int, epsilon: Double
  ) throws -> ValueID {
    let shape = builder.shape(x)
    let spatial = Array(2..<shape.count)
    if groups == 1 { return try standardized(builder, x, axes: [1] + spatial, epsilon: epsilon).result }
    func mean(_ input: ValueID) throws -> ValueID {
      let channels = spatial.isEmpty ? input : try builder.reduce(.mean, input, axes: spatial)
      if groups == shape[1] { return channels }
      let members = try builder.reshape(channels, [shape[0], groups, shape[1] / groups])
      let means = try builder.reduce(.mean, members, axes: [2])
      return try builder.reshape(builder.broadcast(means, to: builder.shape(members)), builder.shape(channels))
    }
    let deviation = try builder.sub(x, mean(x))
    let variance = try mean(builder.mul(deviation, deviation))
    return try builder.mul(deviation, builder.unary(.rsqrt, builder.add(variance, epsilon)))
  }

  static func instance(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let shape = try node.shape(0)
    let epsilon = Double(node.float("epsilon", default: 1e-5))
    let normalized: ValueID
    if let source = try ungrouped(node) {
      normalized = try builder.reshape(standardized(builder, source, groups: shape[1], epsilon: epsilon), shape)
    } else {
      normalized = try standardized(
        builder, node.input(0), axes: Array(2..<max(shape.count, 2)), epsilon: epsilon
      ).result
    }
    let channels = try node.shape(1) + Array(repeating: 1, count: max(shape.count - 2, 0))
    let scaled = try builder.mul(normalized, builder.reshape(node.input(1), channels))
    return [try builder.add(scaled, builder.reshape(node.input(2), channels))]
  }

  /// PyTorch writes the normalization of groups as that of instances, of channels flattened into groups: what was
  /// flattened; `nil` where nothing was.
  private static func ungrouped(_ node: ONNXNode) throws -> ValueID? {
    let graph = node.builder.graph
    let flat = try node.shape(0)
    guard flat.count == 3, let (_, view) = graph.producer(of: try node.input(0)), view.operation.kind == .reshape,
      let source = view.inputs[0]
    else { return nil }
    let shape = graph[source].shape
    guard shape.count > 2, shape[0] == flat[0], flat[1] > 0, shape[1] % flat[1] == 0 else { return nil }
    return source
  }

  static func layer(_ node: ONNXNode) throws -> [ValueID] { try layer(node, epsilon: 1e-5) }

  /// - Parameter epsilon: where the node states none.
  static func layer(_ node: ONNXNode, epsilon: Float) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let rank = try node.shape(0).count
    let axis = try node.normalized(node.int("axis", default: -1), rank: rank)
    let x = try standardized(
      builder, node.input(0), axes: Array(axis..<rank), epsilon: Double(node.float("epsilon", default: epsilon)))
    var result = try builder.mul(x.result, node.input(1))
    if let bias = node.optional(2) { result = try builder.add(result, bias) }
    return [result, x.mean, x.inverse]
  }

  static func rootMeanSquare(_ node: ONNXNode) throws -> [ValueID] { try rootMeanSquare(node, epsilon: 1e-5) }

  /// - Parameter epsilon: where the node states none.
  static func rootMeanSquare(_ node: ONNXNode, epsilon: Float) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let x = try node.input(0)
    let rank = builder.shape(x).count
    let axis = try node.normalized(node.int("axis", default: -1), rank: rank)
    let square = try builder.reduce(.mean, builder.mul(x, x), axes: Array(axis..<rank))
    let inverse = try builder.unary(.rsqrt, builder.add(square, Double(node.float("epsilon", default: epsilon))))
    return [try builder.mul(builder.mul(x, inverse), node.input(1))]
  }

  static func group(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let shape = try node.shape(0)
    let groups = node.int("num_groups", default: 1)
    guard shape.count > 1, groups > 0, shape[1] % groups == 0, try node.shape(1).count == 1 else {
      throw node.malformed("\(groups) groups do not divide input \(shape)")
    }
    let result = try standardized(
      builder, node.input(0), groups: groups, epsilon: Double(node.float("epsilon", default: 1e-5)))
    let scales = try node.shape(1)[0]
    // Before operator set 21 one scale for each group, since then one for each channel.
    let factor = { (index: Int) throws -> ValueID in
      let ones = Array(repeating: 1, count: shape.count - 2)
      if scales == shape[1] { return try builder.reshape(node.input(index), [scales] + ones) }
      let repeated = try builder.broadcast(
        builder.reshape(node.input(index), [groups, 1]), to: [groups, shape[1] / groups])
      return try builder.reshape(repeated, [shape[1]] + ones)
    }
    return [try builder.add(builder.mul(result, factor(1)), factor(2))]
  }

  static func meanVariance(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let rank = try node.shape(0).count
    let axes = try (node.ints("axes") ?? [0, 2, 3]).map { try node.normalized($0, rank: rank) }
    let mean = try builder.reduce(.mean, node.input(0), axes: axes)
    let deviation = try builder.sub(node.input(0), mean)
    let variance = try builder.reduce(.mean, builder.mul(deviation, deviation), axes: axes)
    return [try builder.div(deviation, builder.add(builder.unary(.sqrt, variance), 1e-9))]
  }

  static func lp(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let x = try node.input(0)
    let axis = try node.normalized(node.int("axis", default: -1), rank: builder.shape(x).count)
    if node.int("p", default: 2) == 1 {
      return [try builder.div(x, builder.reduce(.sum, builder.unary(.abs, x), axes: [axis]))]
    }
    let norm = try builder.unary(.sqrt, builder.reduce(.sum, builder.mul(x, x), axes: [axis]))
    return [try builder.div(x, builder.maximum(norm, builder.scalar(Double(Float.leastNormalMagnitude))))]
  }

  /// Across channels: x / (bias + alpha / size * sum of squares)^beta, the sum by an average over the padded channels.
  static func localResponse(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let x = try node.input(0)
    let shape = builder.shape(x)
    let size = node.int("size", default: 1)
    guard shape.count >= 2, size > 0, size < 1 << 16 else { throw node.malformed("size \(size) for input \(shape)") }
    let flat = try builder.reshape(builder.mul(x, x), [shape[0], shape[1], shape[2...].reduce(1, *), 1])
    let padded = try builder.pad(flat, [(0, 0), ((size - 1) / 2, size / 2), (0, 0), (0, 0)])
    let mean = try builder.emit(
      .pool(.averagePool2D, window: Extent(size, 1), strides: Extent(1, 1), padding: .valid), [padded])
    let base = try builder.add(
      builder.mul(mean, Double(node.float("alpha", default: 0.0001))), Double(node.float("bias", default: 1)))
    let divisor = try builder.emit(
      Operation(.pow), [base, builder.scalar(Double(node.float("beta", default: 0.75)))])
    return [try builder.div(x, builder.reshape(divisor, shape))]
  }
}
