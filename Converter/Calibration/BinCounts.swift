/// How often each bin of a histogram was hit: room for those between the first and the last that were, 32 bits each until
/// one of them needs more. A network has a histogram for each value.
package struct BinCounts: Sendable, RandomAccessCollection {
  /// Bins that have room, a part of all.
  private(set) var occupied = 0..<0
  private var low: [UInt32] = []
  /// What does not fit `low`, by the same index; empty while everything does.
  private var high: [UInt32] = []

  package var startIndex: Int { 0 }
  package var endIndex: Int { Histogram.binCount }

  package subscript(bin: Int) -> UInt64 {
    guard occupied.contains(bin) else { return 0 }
    let index = bin - occupied.lowerBound
    return UInt64(low[index]) | (high.isEmpty ? 0 : UInt64(high[index]) << 32)
  }

  /// Bins get room one by one otherwise.
  mutating func makeRoom(for bins: ClosedRange<Int>) {
    let wanted =
      occupied.isEmpty
      ? bins.lowerBound..<bins.upperBound + 1
      : Swift.min(bins.lowerBound, occupied.lowerBound)..<Swift.max(bins.upperBound + 1, occupied.upperBound)
    guard wanted != occupied else { return }
    low = moved(low, to: wanted)
    if !high.isEmpty { high = moved(high, to: wanted) }
    occupied = wanted
  }

  private func moved(_ part: [UInt32], to wanted: Range<Int>) -> [UInt32] {
    var result = [UInt32](repeating: 0, count: wanted.count)
    for (index, count) in part.enumerated() { result[occupied.lowerBound - wanted.lowerBound + index] = count }
    return result
  }

  mutating func add(_ count: UInt64, at bin: Int) {
    guard count > 0 else { return }
    makeRoom(for: bin...bin)
    let index = bin - occupied.lowerBound
    let sum = UInt64(low[index]) + count
    low[index] = UInt32(truncatingIfNeeded: sum)
    guard sum >> 32 > 0 else { return }
    if high.isEmpty { high = Array(repeating: 0, count: low.count) }
    high[index] += UInt32(truncatingIfNeeded: sum >> 32)
  }
}

extension BinCounts: Equatable {
  package static func == (a: BinCounts, b: BinCounts) -> Bool { a.elementsEqual(b) }
}
