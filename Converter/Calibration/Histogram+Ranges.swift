#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

extension Histogram {
  /// The bins that hold `share` of the numbers, equal parts cut off both ends.
  func percentile(_ share: Double) -> ClosedRange<Float> {
    guard let (first, last) = occupied else { return 0...0 }
    let cut = Double(total) * (1 - share) / 2
    var (low, high) = (first, last)
    var below = 0.0
    while low < last, below + Double(counts[low]) <= cut {
      below += Double(counts[low])
      low += 1
    }
    var above = 0.0
    while high > low, above + Double(counts[high]) <= cut {
      above += Double(counts[high])
      high -= 1
    }
    return start(of: low)...start(of: high + 1)
  }

  /// The range whose 256 levels keep the distribution best: the least Kullback-Leibler divergence of the numbers, those
  /// outside counted at its ends, from the same numbers spread evenly over each level. Source: Migacz, 8-bit inference
  /// with TensorRT (2017), here for ranges that need not be symmetric.
  func leastDivergence(within whole: ClosedRange<Float>) -> ClosedRange<Float> {
    least(within: whole) { divergence(of: $0) }
  }

  private var occupied: (first: Int, last: Int)? {
    guard let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else {
      return nil
    }
    return (first, last)
  }

  /// The least `cost` among ranges that cut more and more off one end, then off the other.
  private func least(within whole: ClosedRange<Float>, _ cost: (ClosedRange<Float>) -> Double) -> ClosedRange<Float> {
    guard occupied != nil, whole.lowerBound < whole.upperBound else { return whole }
    var best = min(whole.lowerBound, 0)...max(whole.upperBound, 0)
    let full = best
    var leastCost = cost(best)
    for _ in 0..<2 {
      let before = best
      for step in 1...48 {
        let part = pow(Float(0.93), Float(step))
        let candidates = [full.lowerBound * part...best.upperBound, best.lowerBound...full.upperBound * part]
        for candidate in candidates where candidate.lowerBound < candidate.upperBound {
          let found = cost(candidate)
          if found < leastCost { (best, leastCost) = (candidate, found) }
        }
      }
      if best == before { break }
    }
    return best
  }

  private static let levels = 255

  private func divergence(of range: ClosedRange<Float>) -> Double {
    let middle = Self.binCount / 2
    let lowBin = max(0, middle + Int((range.lowerBound / width).rounded(.down)))
    let highBin = min(Self.binCount - 1, middle + Int((range.upperBound / width).rounded(.up)) - 1)
    guard highBin > lowBin else { return .infinity }
    // Zeros are exact on every grid and would drown all else.
    let zero = middle
    var reference = counts[lowBin...highBin].map { Double($0) }
    var inside = reference
    if (lowBin...highBin).contains(zero) {
      reference[zero - lowBin] = 0
      inside[zero - lowBin] = 0
    }
    reference[0] += counts[..<lowBin].reduce(0) { $0 + Double($1) }
    reference[reference.count - 1] += counts[(highBin + 1)...].reduce(0) { $0 + Double($1) }
    let total = reference.reduce(0, +)
    let insideTotal = inside.reduce(0, +)
    guard total > 0, insideTotal > 0 else { return .infinity }
    var sum = 0.0
    let perLevel = Double(reference.count) / Double(Self.levels + 1)
    for level in 0...Self.levels {
      let begin = Int(Double(level) * perLevel)
      let end = level == Self.levels ? reference.count : max(begin, Int(Double(level + 1) * perLevel))
      guard begin < end else { continue }
      let filled = (begin..<end).count { inside[$0] > 0 }
      let mean = filled == 0 ? 0 : inside[begin..<end].reduce(0, +) / Double(filled)
      for index in begin..<end where reference[index] > 0 {
        let p = reference[index] / total
        let q = inside[index] > 0 ? mean / insideTotal : 1e-9
        sum += p * log(p / q)
      }
    }
    return sum
  }
}
