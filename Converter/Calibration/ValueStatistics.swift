/// What calibration saw of one value.
package struct ValueStatistics: Sendable {
  /// Of the finite elements of all samples; low > high when there were none.
  package private(set) var low = Float.infinity
  package private(set) var high = -Float.infinity
  /// Exponential moving averages of each sample's ends.
  package private(set) var averageLow: Float = 0
  package private(set) var averageHigh: Float = 0
  package private(set) var samples = 0
  package private(set) var notFinite = 0
  package internal(set) var histogram = Histogram()
  /// Whether `low` and `high` are what the value can ever have, so that nothing is to be cut off.
  package private(set) var isKnown = false
  /// What the operator that computes the value can give.
  package internal(set) var limits: ClosedRange<Float> = -.infinity ... .infinity
  /// What the value's only reader makes of it; `nil` where all numbers count alike.
  var view: ReaderView?
  private var columnSums: [Double] = []
  /// Elements behind each of `columnSums`.
  private var columnElements = 0

  package init() {}

  /// The weight of the newest sample in moving averages.
  private static let newest: Float = 0.1

  /// Adds the range of a sample. Averages and sums depend on the order of calls.
  mutating func add(_ sample: SampleRange) {
    notFinite += sample.notFinite
    if !sample.columnSums.isEmpty {
      if columnSums.isEmpty { columnSums = Array(repeating: 0, count: sample.columnSums.count) }
      for (index, sum) in sample.columnSums.enumerated() { columnSums[index] += sum }
      columnElements += sample.elements / sample.columnSums.count
    }
    guard sample.low <= sample.high else { return }
    let weight = samples == 0 ? 1 : Self.newest
    averageLow += weight * (sample.low - averageLow)
    averageHigh += weight * (sample.high - averageHigh)
    samples += 1
    low = min(low, sample.low)
    high = max(high, sample.high)
  }

  /// Takes numbers into account that no sample had.
  mutating func extend(to range: ClosedRange<Float>) {
    (low, high) = (min(low, range.lowerBound), max(high, range.upperBound))
    (averageLow, averageHigh) = (min(averageLow, range.lowerBound), max(averageHigh, range.upperBound))
    isKnown = true
  }

  /// The mean of each index of the last dimension.
  package var columnMeans: [Double] {
    columnElements == 0 ? [] : columnSums.map { $0 / Double(columnElements) }
  }
}

/// One value in one sample.
struct SampleRange: Sendable {
  let id: ValueID
  let low: Float
  let high: Float
  let notFinite: Int
  /// Sums of each index of the last dimension; empty unless they are wanted.
  let columnSums: [Double]
  let elements: Int
}
