/// How a value's range is chosen from what calibration saw.
package enum CalibrationMethod: Sendable, Hashable {
  /// The least and the largest number of all samples.
  case minMax
  /// Exponential moving averages of each sample's least and largest number.
  case movingAverage
  /// What `share` of the numbers lie in, cutting equal parts off both ends.
  case percentile(share: Double)
  /// The range whose 8-bit histogram diverges least from the observed one (Kullback-Leibler).
  case entropy
  /// The range with the least mean square of rounding and cutting off, as the value's reader sees it and with room for
  /// numbers beyond those of few samples.
  case meanSquareError

  package static let standard = CalibrationMethod.meanSquareError

  /// "minmax", "moving-average", "percentile" or "percentile:99.9", "entropy", "mse".
  package init?(text: String) {
    switch text {
    case "minmax": self = .minMax
    case "moving-average": self = .movingAverage
    case "percentile": self = .percentile(share: 0.9999)
    case "entropy": self = .entropy
    case "mse": self = .meanSquareError
    default:
      guard text.hasPrefix("percentile:"), let percent = Double(text.dropFirst("percentile:".count)),
        percent > 50, percent <= 100
      else { return nil }
      self = .percentile(share: percent / 100)
    }
  }

  package var text: String {
    switch self {
    case .minMax: "minmax"
    case .movingAverage: "moving-average"
    case .percentile(let share): "percentile:\(share * 100)"
    case .entropy: "entropy"
    case .meanSquareError: "mse"
    }
  }

  package static let names = ["minmax", "moving-average", "percentile", "percentile:99.9", "entropy", "mse"]
}

extension CalibrationMethod {
  private static let room: Float = 1.5

  /// The range for int16. Methods that weigh 256 levels against each other have nothing to say of 65,536: those cut nothing
  /// off and hold numbers half as large again as any that was seen, as far as the operator can give them. That takes less
  /// than one bit of 16, and less is lost by it than by a single number that is cut off. Twice as large would make powers of
  /// two of many scales, which LiteRT's SUB takes for another arithmetic and refuses.
  func wideRange(of statistics: ValueStatistics) -> ClosedRange<Float>? {
    guard self == .entropy || self == .meanSquareError, !statistics.isKnown else { return range(of: statistics) }
    guard statistics.low <= statistics.high else { return nil }
    let low = max(min(statistics.low, Self.room * statistics.low), min(statistics.low, statistics.limits.lowerBound))
    let high = min(
      max(statistics.high, Self.room * statistics.high), max(statistics.high, statistics.limits.upperBound))
    let largest = Float.greatestFiniteMagnitude
    return max(low, -largest)...min(high, largest)
  }

  /// The range of a value; `nil` when nothing finite was seen.
  package func range(of statistics: ValueStatistics) -> ClosedRange<Float>? {
    guard statistics.low <= statistics.high else { return nil }
    let whole = statistics.low...statistics.high
    if statistics.isKnown { return whole }
    switch self {
    case .minMax: return whole
    case .movingAverage: return statistics.averageLow...max(statistics.averageLow, statistics.averageHigh)
    case .percentile(let share): return statistics.histogram.percentile(share).clamped(to: whole)
    case .entropy: return statistics.histogram.leastDivergence(within: whole)
    case .meanSquareError: return SquareErrorRange(statistics).best
    }
  }
}
