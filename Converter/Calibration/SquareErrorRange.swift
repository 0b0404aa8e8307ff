#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The search for the range of which 256 levels lose least.
///
/// The cost of a range is the sum of squares of rounding and of cutting off. Cutting off weighs more: rounding errors differ
/// from place to place and cancel in the sums of the next layer, what is cut off is missing in all of them. Beyond the
/// largest number that was seen others are expected, the farther the fewer, as the largest of those seen lie apart (`Tail`);
/// that widens the ranges of values of which few numbers were seen.
struct SquareErrorRange {
  private var numbers: [Double] = []
  private var counts: [Double] = []
  /// All `counts` beside that of the bins around 0, which is on every grid.
  private var weight = 0.0
  private var thresholds: [(number: Double, count: Double)] = []
  private let whole: ClosedRange<Float>
  private let limits: ClosedRange<Float>
  private let fullWeight: Double
  /// What is expected beyond the least and the largest number; `nil` where nothing is.
  private var tails: (low: Tail?, high: Tail?) = (nil, nil)

  private static let levels = 255.0
  private static let weightOfCutting = 2.0
  /// How many times as low as the least logit that matters a mask is at least.
  private static let farBelow: Float = 16

  /// - Precondition: finite numbers were seen.
  init(_ statistics: ValueStatistics) {
    limits = statistics.limits
    let view = statistics.view.flatMap { $0.weighted.total > 0 ? $0 : nil }
    fullWeight = view?.fullWeight ?? 1
    // What a mask puts out of the question may be as low as it likes.
    let viewed = view.flatMap { $0.fullWeight == 1 ? nil : $0.lowest }
    let least = viewed.flatMap { statistics.low < Self.farBelow * min($0, 0) ? $0 : nil }
    whole = min(least ?? statistics.low, 0)...max(statistics.high, 0)
    let histogram = view?.weighted ?? statistics.histogram
    histogram.forEachOccupied { number, count in
      numbers.append(number)
      counts.append(count)
      if abs(number) >= Double(histogram.width) { weight += count }
    }
    view?.thresholds.forEachOccupied { thresholds.append(($0, $1)) }
    let ends = statistics.histogram.tails
    if whole.lowerBound > limits.lowerBound, whole.lowerBound < 0, fullWeight == 1 { tails.low = ends.low }
    if whole.upperBound < limits.upperBound, whole.upperBound > 0 { tails.high = ends.high }
  }

  /// Ranges that cut more and more off one end, then off the other, and ranges that reach beyond.
  var best: ClosedRange<Float> {
    guard !numbers.isEmpty, whole.lowerBound < whole.upperBound else { return whole }
    var best = whole
    var leastCost = cost(best)
    for _ in 0..<2 {
      let before = best
      for step in -16...48 where step != 0 {
        let part = pow(Float(0.93), Float(step))
        if step < 0, tails.low == nil, tails.high == nil { continue }
        let candidates = [
          max(whole.lowerBound * part, limits.lowerBound)...best.upperBound,
          best.lowerBound...min(whole.upperBound * part, limits.upperBound),
        ]
        for candidate in candidates where candidate.lowerBound < candidate.upperBound {
          let found = cost(candidate)
          if found < leastCost { (best, leastCost) = (candidate, found) }
        }
      }
      if best == before { break }
    }
    return best
  }

  private func cost(_ range: ClosedRange<Float>) -> Double {
    let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
    let seen = range.clamped(to: whole)
    let start = Double(seen.lowerBound)
    let step = (Double(seen.upperBound) - start) / Self.levels
    let wide = (high - low) / Self.levels
    // Where a range reaches further than numbers were seen, few numbers may fall on its levels by chance: the mean instead.
    var rounding = weight * (wide * wide - step * step) / 12
    var cutting = 0.0
    for (number, count) in zip(numbers, counts) {
      if number < low {
        cutting += count * (low - number) * (low - number)
      } else if number > high {
        cutting += count * (number - high) * (number - high)
      } else {
        let error = number - ((number - start) / step).rounded() * step - start
        rounding += count * error * error
      }
    }
    for threshold in thresholds where threshold.number < low {
      cutting += threshold.count * (low - threshold.number) * (low - threshold.number)
    }
    cutting += fullWeight * (tails.low?.expectedSquare(beyond: Double(whole.lowerBound) - low) ?? 0)
    cutting += fullWeight * (tails.high?.expectedSquare(beyond: high - Double(whole.upperBound)) ?? 0)
    return rounding + Self.weightOfCutting * cutting
  }
}

extension Histogram {
  /// The middle of each bin in which numbers are, and how many.
  func forEachOccupied(_ body: (Double, Double) -> Void) {
    for (index, count) in counts.enumerated() where count > 0 {
      body(Double(start(of: index)) + Double(width) / 2, Double(count))
    }
  }
}
