internal import ModelFormat

/// Normalization by stored and by computed statistics.
enum KerasNormalization {
  /// gamma (x - mean) / sqrt(variance + epsilon) + beta, as a product and a sum by channel.
  static func batch(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let axis = layer.config["axis"]?.int ?? layer.config["axis"]?.ints?.first ?? -1
    let rank = layer.inputShape.count
    guard axis == -1 || axis == rank - 1 else {
      throw layer.unsupported("an axis other than the last", "save the model with channels_last")
    }
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
    let channels = layer.inputShape[rank - 1]
    guard [gamma, beta, mean, variance].allSatisfy({ $0 == nil || $0?.count == channels }) else {
      throw layer.malformed("its weights do not fit \(channels) channels")
    }
    let epsilon = Float(layer.config["epsilon"]?.number ?? 0.001)
    let scale = variance.indices.map { (gamma?[$0] ?? 1) / (variance[$0] + epsilon).squareRoot() }
    let shift = variance.indices.map { (beta?[$0] ?? 0) - mean[$0] * scale[$0] }
    guard (scale + shift).allSatisfy(\.isFinite) else {
      throw layer.malformed("a variance is zero or negative")
    }
    return [try builder.add(builder.mul(layer.input, builder.constant(scale)), builder.constant(shift))]
  }

  static func layer(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let rank = layer.inputShape.count
    let given = layer.config["axis"]?.ints ?? [layer.config["axis"]?.int ?? -1]
    guard given == [-1] || given == [rank - 1] else {
      throw layer.unsupported("axes other than the last", "permute before it")
    }
    let mean = try builder.reduce(.mean, layer.input, axes: [rank - 1])
    let deviation = try builder.sub(layer.input, mean)
    let variance = try builder.reduce(.mean, builder.mul(deviation, deviation), axes: [rank - 1])
    let epsilon = layer.config["epsilon"]?.number ?? 0.001
    var result = try builder.mul(deviation, builder.unary(.rsqrt, builder.add(variance, epsilon)))
    var next = 0
    if layer.flag("scale", default: true) {
      result = try builder.mul(result, layer.constant(layer.weight(next, rank: 1)))
      next += 1
    }
    if layer.flag("center", default: true) {
      result = try builder.add(result, layer.constant(layer.weight(next, rank: 1)))
    }
    return [result]
  }

  static func rescaling(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    guard let scale = layer.config["scale"]?.number else {
      throw layer.unsupported("scales by channel", "use one number")
    }
    return [try builder.add(builder.mul(layer.input, scale), layer.config["offset"]?.number ?? 0)]
  }
}
