internal import ModelFormat

/// Weights and bias of a layer as integers.
struct WeightStorage {
  let weights: Value
  let bias: Value?

  /// Biases are kept below this, half of what int32 holds, so that the sums fit as well.
  private static let largestBias: Float = 0x1p30

  /// - Parameters:
  ///   - dataScale: of the layer's data; the bias is stored at `dataScale * weightScale`.
  ///   - biasType: int32 for 8-bit data, int64 for 16-bit data.
  init?(_ weights: Value, _ bias: Value?, dimension: Int, dataScale: Float, biasType: ElementType) {
    guard let elements = weights.constant?.elements(as: Float.self) else { return nil }
    let channels = weights.shape[dimension]
    let inner = weights.shape[(dimension + 1)...].reduce(1, *)
    let biases = bias?.constant?.elements(as: Float.self)
    guard channels > 0, inner > 0, biases == nil || biases?.count == channels else { return nil }
    let stated = weights.statedGrid.flatMap { Self.scales($0, dimension: dimension, count: channels) }
    var scales = stated ?? Self.scales(elements, inner: inner, channels: channels, dataScale: dataScale)
    if let biases, biasType == .int32 {
      for channel in scales.indices {
        scales[channel] = max(scales[channel], abs(biases[channel]) / dataScale / Self.largestBias)
      }
    }
    let stored = elements.enumerated().map { index, element in
      let ratio = (element / scales[index / inner % channels]).rounded(.toNearestOrAwayFromZero)
      return Int8(min(max(ratio, stated == nil ? -127 : -128), 127))
    }
    var result = weights
    result.type = .int8
    result.constant = ConstantBytes(elements: stored)
    result.quantization = Quantization(
      scales: scales, zeroPoints: Array(repeating: 0, count: channels), dimension: dimension)
    self.weights = result
    guard let biases, var stored = bias else {
      self.bias = nil
      return
    }
    let biasScales = scales.map { $0 * dataScale }
    let integers = zip(biases, biasScales).map { (Double($0) / Double($1)).rounded(.toNearestOrAwayFromZero) }
    stored.type = biasType
    stored.constant =
      biasType == .int64
      ? ConstantBytes(elements: integers.map { Int64(min(max($0, -0x1p62), 0x1p62)) })
      : ConstantBytes(elements: integers.map { Int32(min(max($0, -0x1p31), 0x1p31 - 1)) })
    stored.quantization = Quantization(
      scales: biasScales, zeroPoints: Array(repeating: 0, count: channels), dimension: 0)
    self.bias = stored
  }

  /// As the source model has them: one for the tensor or for each output.
  private static func scales(_ stated: StatedGrid, dimension: Int, count: Int) -> [Float]? {
    let scales = stated.quantization.scales
    guard isSymmetric(stated) else { return nil }
    if scales.count == 1 { return Array(repeating: scales[0], count: count) }
    return scales.count == count && stated.quantization.dimension == dimension ? scales : nil
  }

  /// Whether int8 holds the same numbers around zero.
  static func isSymmetric(_ stated: StatedGrid) -> Bool {
    switch stated.type {
    case .int8: stated.quantization.zeroPoints.allSatisfy { $0 == 0 }
    case .uint8: stated.quantization.zeroPoints.allSatisfy { $0 == 128 }
    default: false
    }
  }

  /// The smallest that reach each output's largest weight.
  private static func scales(_ elements: [Float], inner: Int, channels: Int, dataScale: Float) -> [Float] {
    var largest = [Float](repeating: 0, count: channels)
    for (index, element) in elements.enumerated() {
      let channel = index / inner % channels
      largest[channel] = max(largest[channel], abs(element))
    }
    // A channel of zeros needs some scale; one so small that products of scales vanish is as good as zeros.
    return largest.map { $0 / 127 * dataScale >= .leastNormalMagnitude ? $0 / 127 : 1 }
  }
}
