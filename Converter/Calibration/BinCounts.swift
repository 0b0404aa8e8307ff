/// How often each bin of a histogram was hit: room for those between the first and the last that were, 16 bits each, and
/// 32 bits more between the first and the last of those that need them, which are few: most numbers lie around 0. A network
/// has a histogram for each value.
package struct BinCounts: Sendable, RandomAccessCollection {
  /// Counts of neighbouring bins.
  private struct Part<Count: FixedWidthInteger & Sendable>: Sendable {
    private(set) var bins = 0..<0
    private var counts: [Count] = []

    subscript(bin: Int) -> Count {
      get { bins.contains(bin) ? counts[bin - bins.lowerBound] : 0 }
      set {
        makeRoom(for: bin...bin)
        counts[bin - bins.lowerBound] = newValue
      }
    }

    mutating func makeRoom(for wanted: ClosedRange<Int>) {
      let wanted =
        bins.isEmpty
        ? wanted.lowerBound..<wanted.upperBound + 1
        : Swift.min(wanted.lowerBound, bins.lowerBound)..<Swift.max(wanted.upperBound + 1, bins.upperBound)
      guard wanted != bins else { return }
      var moved = [Count](repeating: 0, count: wanted.count)
      for (index, count) in counts.enumerated() { moved[bins.lowerBound - wanted.lowerBound + index] = count }
      (counts, bins) = (moved, wanted)
    }
  }

  private var low = Part<UInt16>()
  /// What does not fit `low`.
  private var high = Part<UInt32>()

  /// Bins that have room, a part of all.
  var occupied: Range<Int> { low.bins }

  package var startIndex: Int { 0 }
  package var endIndex: Int { Histogram.binCount }

  /// At most 2^48 - 1.
  package subscript(bin: Int) -> UInt64 { UInt64(low[bin]) | UInt64(high[bin]) << 16 }

  /// Bins get room one by one otherwise.
  mutating func makeRoom(for bins: ClosedRange<Int>) { low.makeRoom(for: bins) }

  mutating func add(_ count: UInt64, at bin: Int) {
    guard count > 0 else { return }
    let sum = Swift.min(self[bin] &+ Swift.min(count, 1 << 48), 1 << 48 - 1)
    low[bin] = UInt16(truncatingIfNeeded: sum)
    if sum >> 16 > 0 { high[bin] = UInt32(truncatingIfNeeded: sum >> 16) }
  }
}

extension BinCounts: Equatable {
  package static func == (a: BinCounts, b: BinCounts) -> Bool { a.elementsEqual(b) }
}
