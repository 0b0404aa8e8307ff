internal import ModelFormat

/// Weights and bias of a layer as integers.
struct WeightStorage {
  let weights: Value
  let bias: Value?
  /// Whether the weights were rounded as `WeightRounding` does.
  let isRefined: Bool

  /// Biases are kept below this, half of what int32 holds, so that the sums fit as well.
  private static let largestBias: Float = 0x1p30

  /// Products of data and weights become outputs by a multiplier, of which LiteRT's kernels take no smaller ones.
  private static let leastMultiplier: Float = 0x1p-31

  /// - Parameters:
  ///   - dataScale: of the layer's data; the bias is stored at `dataScale * weightScale`.
  ///   - dataMeans: of the data's last dimension; the bias makes up for what rounding the weights adds to the outputs'
  ///     means. Empty for no correction. Source: Nagel et al., Data-Free Quantization through Weight Equalization and Bias
  ///     Correction (2019), section 4.2, with observed means.
  ///   - moments: of the layer's data, which weights are rounded by; `nil` for the nearest.
  ///   - biasType: int32 for 8-bit data, int64 for 16-bit data.
  init?(
    _ weights: Value, _ bias: Value?, dimension: Int, dataScale: Float, dataMeans: [Double],
    moments: InputMoments? = nil, outputScale: Float, biasType: ElementType
  ) {
    guard let elements = weights.constant?.aligned(to: MemoryLayout<Float>.alignment) else { return nil }
    let channels = weights.shape[dimension]
    let inner = weights.shape[(dimension + 1)...].reduce(1, *)
    var biases = bias?.constant?.elements(as: Float.self)
    guard channels > 0, inner > 0, biases == nil || biases?.count == channels else { return nil }
    let stated = weights.statedGrid.flatMap { Self.scales($0, dimension: dimension, count: channels) }
    var scales =
      stated
      ?? elements.withFloats {
        Self.scales(
          $0, inner: inner, channels: channels, unit: outputScale / dataScale,
          smallest: .leastNormalMagnitude / min(dataScale, 1))
      }
    if let biases, biasType == .int32 {
      for channel in scales.indices {
        scales[channel] = max(scales[channel], abs(biases[channel]) / dataScale / Self.largestBias)
      }
    }
    let corrects = !dataMeans.isEmpty && stated == nil && biases != nil
    let rounding =
      stated == nil
      ? moments.flatMap {
        WeightRounding(
          elements.elements(as: Float.self), scales: scales, isDepthwise: dimension == 3, $0, isCentered: corrects)
      } : nil
    isRefined = rounding != nil
    let stored =
      rounding?.stored
      ?? elements.withFloats { Self.nearest($0, scales, inner: inner, least: stated == nil ? -127 : -128) }
    var result = weights
    result.type = .int8
    result.constant = ConstantBytes(elements: stored)
    result.quantization = Quantization(
      scales: scales, zeroPoints: Array(repeating: 0, count: channels), dimension: dimension)
    self.weights = result
    if corrects {
      let errors =
        rounding?.meanErrors
        ?? elements.withFloats {
          Self.meanErrors(
            $0, stored, scales, inner: inner, inputs: dimension == 3 ? nil : weights.shape.last, dataMeans)
        }
      for channel in scales.indices { biases?[channel] += Float(errors[channel]) }
    }
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

  private static func nearest(_ elements: Span<Float>, _ scales: [Float], inner: Int, least: Float) -> [Int8] {
    var stored = [Int8](repeating: 0, count: elements.count)
    for index in elements.indices {
      let ratio = (elements[index] / scales[index / inner % scales.count]).rounded(.toNearestOrAwayFromZero)
      stored[index] = Int8(min(max(ratio, least), 127))
    }
    return stored
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

  /// The smallest that reach each output's largest weight. A channel of zeros needs some scale, and below the least
  /// multiplier all weights together move no output by a unit.
  private static func scales(
    _ elements: Span<Float>, inner: Int, channels: Int, unit: Float, smallest: Float
  ) -> [Float] {
    var largest = [Float](repeating: 0, count: channels)
    for index in elements.indices {
      let channel = index / inner % channels
      largest[channel] = max(largest[channel], abs(elements[index]))
    }
    let least = max(leastMultiplier * unit, smallest)
    return largest.map { $0 == 0 ? max(unit, least) : max($0 / 127, least) }
  }

  /// By output, the mean of what exact weights add to it beyond stored ones.
  ///
  /// - Parameter inputs: how many inputs each output reads at each place of its window; `nil` for depthwise layers, where
  ///   it reads one.
  private static func meanErrors(
    _ elements: Span<Float>, _ stored: [Int8], _ scales: [Float], inner: Int, inputs: Int?, _ means: [Double]
  ) -> [Double] {
    var errors = [Double](repeating: 0, count: scales.count)
    let multiplier = max(1, scales.count / means.count)
    // A convolution in groups has fewer inputs than the data has channels.
    let groups = inputs.map { max(1, means.count / max(1, $0)) } ?? 1
    let outputsOfGroup = max(1, scales.count / groups)
    for index in elements.indices {
      let channel = index / inner % scales.count
      let input =
        inputs.map { (channel / outputsOfGroup * $0 + index % $0) % means.count }
        ?? min(channel / multiplier, means.count - 1)
      errors[channel] += (Double(elements[index]) - Double(stored[index]) * Double(scales[channel])) * means[input]
    }
    return errors
  }
}
