/// Offsets of groups of tensors that were placed in one order: each takes the lowest gap between those already placed that
/// live at the same time.
struct Placement {
  private(set) var order: [Int] = []
  /// By group.
  private(set) var offsets: [Int]
  private(set) var peak = Int.max

  /// The first and the last step at which a group is alive, and how many bytes it takes.
  struct Span: BitwiseCopyable {
    let first, last, byteCount: Int
  }

  private struct Placed: BitwiseCopyable {
    let first, last, offset, end: Int
  }

  /// Worse than all others.
  init(groupCount: Int) { offsets = Array(repeating: 0, count: groupCount) }

  /// Places `groups` in `order`. Gives up, leaving the rest where it must not be, when the peak reaches `limit`.
  init(_ groups: [Span], _ order: [Int], limit: Int = .max) {
    self.order = order
    offsets = Array(repeating: 0, count: groups.count)
    peak = 0
    var placed: [Placed] = []  // by rising offset
    placed.reserveCapacity(order.count)
    for group in order {
      let span = groups[group]
      var offset = 0
      for other in placed where other.first <= span.last && span.first <= other.last {
        if offset.addingSaturated(span.byteCount) <= other.offset { break }
        offset = max(offset, other.end)
      }
      let end = offset.addingSaturated(span.byteCount)
      offsets[group] = offset
      peak = max(peak, end)
      guard peak < limit else { return }
      placed.insert(
        Placed(first: span.first, last: span.last, offset: offset, end: end), at: Self.position(of: offset, in: placed))
    }
  }

  /// Behind those that lie at `offset` or below.
  private static func position(of offset: Int, in placed: [Placed]) -> Int {
    var (low, high) = (0, placed.count)
    while low < high {
      let middle = (low + high) / 2
      if placed[middle].offset > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
