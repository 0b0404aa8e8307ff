#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What numbers there may be beyond the largest that was seen: a generalized Pareto distribution fitted to how far the
/// largest of those seen exceed what they have in common. Source: Pickands, Statistical Inference Using Extreme Order
/// Statistics (1975); fitted by moments as Hosking and Wallis, Parameter and Quantile Estimation for the Generalized Pareto
/// Distribution (1987), section 3.
struct Tail {
  /// -1...0: from numbers that end at once, evenly spread, to those of which each step has an equal share of the rest.
  private let shape: Double
  /// Of the excess over the largest number; above 0.
  private let scale: Double

  /// How many numbers it takes to trust their shape as much as that of the exponential distribution.
  private static let doubt = 8.0

  /// `nil` where no number is expected beyond the largest.
  ///
  /// - Parameters:
  ///   - mean: of the excesses over a threshold.
  ///   - variance: of the same.
  ///   - largest: excess.
  ///   - count: of the excesses.
  init?(mean: Double, variance: Double, largest: Double, count: Double) {
    guard mean > 0, variance > 0 else { return nil }
    let fitted = (1 - mean * mean / variance) / 2
    shape = max(min(fitted, 0), -1) * count / (count + Self.doubt)
    scale = mean * (1 - shape) + shape * largest
    guard scale > 0 else { return nil }
  }

  /// The mean square by which a number beyond the largest exceeds a range that reaches `distance` beyond it.
  func expectedSquare(beyond distance: Double) -> Double {
    let distance = max(distance, 0)
    let rest = scale + shape * distance
    guard rest > 0 else { return 0 }
    let share = shape > -1e-6 ? exp(-distance / scale) : pow(rest / scale, -1 / shape)
    return share * 2 * rest * rest / ((1 - shape) * (1 - 2 * shape))
  }
}

extension Histogram {
  /// Fitted to as many of the least and of the largest numbers as the root of all, and at least eight.
  var tails: (low: Tail?, high: Tail?) {
    let wanted = max(8, Double(total).squareRoot())
    return (tail(counts.indices.lazy.map { $0 }, wanted, sign: -1), tail(counts.indices.reversed(), wanted, sign: 1))
  }

  private func tail(_ bins: some Sequence<Int>, _ wanted: Double, sign: Double) -> Tail? {
    var numbers: [(number: Double, count: Double)] = []
    var total = 0.0
    for bin in bins where counts[bin] > 0 {
      numbers.append((sign * (Double(start(of: bin)) + Double(width) / 2), Double(counts[bin])))
      total += Double(counts[bin])
      if total >= wanted { break }
    }
    guard let largest = numbers.first?.number, let threshold = numbers.last?.number else { return nil }
    let mean = numbers.reduce(0) { $0 + ($1.number - threshold) * $1.count } / total
    let square = numbers.reduce(0) { $0 + ($1.number - threshold) * ($1.number - threshold) * $1.count } / total
    return Tail(mean: mean, variance: square - mean * mean, largest: largest - threshold, count: total)
  }
}
