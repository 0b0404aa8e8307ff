/// How output samples lie on input samples.
public enum ResizeConvention: Sendable {
  /// The triangle filter, widened by the ratio when shrinking, so that every input sample counts: the `BILINEAR` of
  /// Pillow 13's `Image.resize`, bit for bit. Rows are resized first unless the height shrinks by more than twice the
  /// pixels that the width does; Pillow 12 and older always begin with the rows, which differs by at most 1 in a sample.
  case antialiasedBilinear
  /// The two nearest input samples on each axis, centres of pixels at .5 (`half_pixel_centers` of TensorFlow). Aliases
  /// when shrinking by more than 2.
  case halfPixelBilinear
}

/// The weights of one axis of a separable resize, in fixed point.
///
/// Output sample `i` has its centre at `(i + .5) * ratio` of the input. The weights are the triangle's values at the
/// centres of the input samples inside its support, normalised to sum 1 and rounded to 22 bits behind the point. A sum of
/// 8-bit samples then fits in 31 bits. Source: the documentation of Pillow's `Image.resize` and its 8-bit precision.
struct ResampleTable {
  /// Bits behind the point: 32 less 8 for the samples and 2 for the sign and the rounding.
  static let fractionBits: Int32 = 32 - 8 - 2

  /// For each output sample the first input sample and the weights from there on.
  struct Taps {
    let first: Int
    let weights: Range<Int>
  }

  private(set) var taps: [Taps] = []
  private(set) var weights: [Int32] = []
  /// Samples that are lost: padded input samples less output samples.
  let shrinkage: Int
  /// Whether every output sample is its input sample.
  let isIdentity: Bool

  /// - Parameters:
  ///   - inputCount, outputCount: samples of the axis, at least 1.
  ///   - padding: samples of value 0 before and behind the input. They are counted but never read.
  init(
    inputCount: Int, outputCount: Int, convention: ResizeConvention, padding: (before: Int, after: Int) = (0, 0)
  ) {
    let paddedCount = padding.before + inputCount + padding.after
    shrinkage = paddedCount - outputCount
    isIdentity = inputCount == outputCount && paddedCount == inputCount
    let ratio = Double(paddedCount) / Double(outputCount)
    let support = convention == .antialiasedBilinear ? max(ratio, 1) : 1
    taps.reserveCapacity(outputCount)
    for output in 0..<outputCount {
      let center = (Double(output) + 0.5) * ratio
      let first = max(Int(center - support + 0.5), 0)
      let end = max(min(Int(center + support + 0.5), paddedCount), first)
      let values = (first..<end).map { max(1 - abs((Double($0) - center + 0.5) * (1 / support)), 0) }
      let sum = values.reduce(0, +)
      let read = max(first, padding.before)..<max(first, padding.before, min(end, padding.before + inputCount))
      let start = weights.count
      for sample in read {
        let weight = sum == 0 ? values[sample - first] : values[sample - first] / sum
        weights.append(Int32(weight * Double(1 << ResampleTable.fractionBits) + 0.5))
      }
      taps.append(Taps(first: read.lowerBound - padding.before, weights: start..<weights.count))
    }
  }
}
