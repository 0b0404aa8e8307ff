internal import ModelFormat

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// How near numbers come to a reference, over any number of tensors.
package struct Fidelity: Sendable, Equatable {
  /// Elements compared.
  package private(set) var count = 0
  /// The largest distance; infinite where one side is no number and the other is.
  package private(set) var maxDifference: Float = 0
  /// The smallest and largest number of the reference; 0 without elements.
  package private(set) var range: ClosedRange<Float> = 0...0
  private var signal = 0.0
  private var noise = 0.0
  private var product = 0.0
  private var power = 0.0

  package init() {}

  /// - Precondition: both have as many elements.
  package mutating func add(reference: [Float], found: [Float]) {
    precondition(reference.count == found.count)
    var (low, high) = count == 0 ? (Float.infinity, -Float.infinity) : (range.lowerBound, range.upperBound)
    var worst = maxDifference
    for (expected, value) in zip(reference, found) {
      guard expected.isFinite, value.isFinite else {
        if expected != value, !(expected.isNaN && value.isNaN) { worst = .infinity }
        continue
      }
      let difference = Double(expected) - Double(value)
      signal += Double(expected) * Double(expected)
      noise += difference * difference
      product += Double(expected) * Double(value)
      power += Double(value) * Double(value)
      worst = max(worst, Float(abs(difference)))
      low = min(low, expected)
      high = max(high, expected)
    }
    count += reference.count
    maxDifference = worst
    range = low <= high ? low...high : 0...0
  }

  /// Adds what was measured elsewhere.
  package mutating func add(_ other: Fidelity) {
    guard other.count > 0 else { return }
    range =
      count == 0
      ? other.range : min(range.lowerBound, other.range.lowerBound)...max(range.upperBound, other.range.upperBound)
    count += other.count
    maxDifference = max(maxDifference, other.maxDifference)
    signal += other.signal
    noise += other.noise
    product += other.product
    power += other.power
  }

  /// Signal-to-noise ratio in decibels: `10 log10(sum of squares of the reference / sum of squares of the differences)`.
  /// Infinite where nothing differs; minus infinite where the reference is all zeros and something differs.
  package var decibels: Double {
    if maxDifference == .infinity { return -.infinity }
    return noise == 0 ? .infinity : 10 * log10(signal / noise)
  }

  /// The cosine of the angle between the two, -1...1; 1 where both are zeros.
  package var cosine: Double {
    if noise == 0 { return 1 }
    let length = (signal * power).squareRoot()
    return length > 0 ? product / length : 0
  }

  /// The root of the mean square of the differences.
  package var rootMeanSquare: Double { count > 0 ? (noise / Double(count)).squareRoot() : 0 }
}
