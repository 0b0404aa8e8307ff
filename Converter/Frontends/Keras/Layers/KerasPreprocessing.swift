internal import ModelFormat

/// Layers that prepare data inside of a model.
enum KerasPreprocessing {
  /// Numbers, one or one for each channel.
  private static func numbers(_ config: KerasConfig?) -> [Float]? {
    switch config {
    case .number(let number)?: return [Float(number)]
    case .array(let elements)?:
      // Statistics are stored with the dimensions that they are broadcast over.
      let parts = elements.compactMap { numbers($0) }
      return parts.count == elements.count ? parts.flatMap { $0 } : nil
    default: return nil
    }
  }

  /// x factor + offset, both one number or one for each channel.
  private static func linear(_ layer: KerasLayer, _ factor: [Float], _ offset: [Float]) throws -> [ValueID] {
    let builder = layer.builder
    let channels = layer.inputShape.last ?? 1
    guard [factor.count, offset.count].allSatisfy({ $0 == 1 || $0 == channels }) else {
      throw layer.unsupported("numbers that are not one for each channel", "use one number, or one for each channel")
    }
    let constant = { (numbers: [Float]) in builder.constant(numbers, shape: numbers.count == 1 ? [] : nil) }
    let data = try builder.cast(layer.input, to: .float32)
    let product = factor.allSatisfy { $0 == 1 } ? data : try builder.mul(data, constant(factor))
    return [offset.allSatisfy { $0 == 0 } ? product : try builder.add(product, constant(offset))]
  }

  static func rescaling(_ layer: KerasLayer) throws -> [ValueID] {
    guard let scale = numbers(layer.config["scale"]) else { throw layer.malformed("its scale is missing") }
    return try linear(layer, scale, numbers(layer.config["offset"]) ?? [0])
  }

  /// (x - mean) / sqrt(variance), by statistics of the configuration or those it was adapted to.
  static func normalization(_ layer: KerasLayer) throws -> [ValueID] {
    let rank = layer.inputShape.count
    let axes = try (layer.config["axis"]?.ints ?? layer.config["axis"]?.int.map { [$0] } ?? []).map {
      try layer.axis($0, rank: rank)
    }
    guard axes.isEmpty || axes == [rank - 1] else {
      throw layer.unsupported("axes other than the last", "permute before it")
    }
    let mean = numbers(layer.config["mean"]) ?? layer.weights.first?.elements
    let variance = numbers(layer.config["variance"]) ?? layer.weights.dropFirst().first?.elements
    guard let mean, let variance, !mean.isEmpty, !variance.isEmpty else {
      throw layer.malformed("its statistics are missing")
    }
    // Keras divides by no less than this.
    let deviation = variance.map { max($0.squareRoot(), 1e-7) }
    let count = max(mean.count, deviation.count)
    guard mean.count == count || mean.count == 1, deviation.count == count || deviation.count == 1 else {
      throw layer.malformed("its statistics do not fit each other")
    }
    let pairs = (0..<count).map { (mean[mean.count == 1 ? 0 : $0], deviation[deviation.count == 1 ? 0 : $0]) }
    if layer.flag("invert", default: false) {
      return try linear(layer, pairs.map { $0.1 }, pairs.map { $0.0 })
    }
    return try linear(layer, pairs.map { 1 / $0.1 }, pairs.map { -$0.0 / $0.1 })
  }

  static func resizing(_ layer: KerasLayer) throws -> [ValueID] {
    let height = try layer.extents("height", count: 1)[0]
    let width = try layer.extents("width", count: 1)[0]
    try layer.requireRank(4)
    for key in ["crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"] where layer.flag(key, default: false) {
      throw layer.unsupported(key, "resize before the model")
    }
    let data = try layer.builder.cast(layer.input, to: .float32)
    let interpolation = layer.config["interpolation"]?.text ?? "bilinear"
    return [try KerasShaping.resized(layer, data, to: [height, width], interpolation)]
  }

  static func centerCrop(_ layer: KerasLayer) throws -> [ValueID] {
    let shape = layer.inputShape
    let size = [try layer.extents("height", count: 1)[0], try layer.extents("width", count: 1)[0]]
    guard shape.count == 4, size[0] <= shape[1], size[1] <= shape[2] else {
      throw layer.unsupported("pictures smaller than its crop", "resize before it")
    }
    return [
      try layer.builder.slice(
        layer.input, begin: [0, (shape[1] - size[0]) / 2, (shape[2] - size[1]) / 2, 0],
        size: [shape[0], size[0], size[1], shape[3]])
    ]
  }

  /// Steps whose elements all have one value count no more for the layers behind, and become zero.
  static func masking(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let rank = layer.inputShape.count
    let different = try builder.compare(
      .notEqual, layer.input, builder.scalar(layer.config["mask_value"]?.number ?? 0))
    let counts = try builder.reduce(
      .reduceMax, builder.cast(different, to: .float32), axes: [rank - 1], keepsDimensions: true)
    let result = try builder.mul(layer.input, counts)
    let steps = try builder.reshape(counts, Array(layer.inputShape.dropLast()))
    layer.masks[result] = try builder.compare(.notEqual, steps, builder.scalar(0))
    return [result]
  }
}
