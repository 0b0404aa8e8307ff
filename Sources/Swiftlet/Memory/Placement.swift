/// Offsets of groups of tensors that were placed in one order: each takes the lowest gap between those already placed that
/// live at the same time.
struct Placement {
  private(set) var order: [Int] = []
  /// By group.
  private(set) var offsets: [Int]
  private(set) var peak = Int.max
  /// Position in `order` of the first group that reaches `peak`.
  private(set) var highest = 0

  /// The first and the last step at which a group is alive, and how many bytes it takes.
  struct Span: BitwiseCopyable {
    let first, last, byteCount: Int
  }

  /// What is looked at most is small: graphs of 2³¹ nodes do not fit in a file.
  private struct Placed: BitwiseCopyable {
    let first, last: Int32
    let offset, end: Int
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
    for position in order.indices {
      let span = groups[order[position]]
      let (first, last) = (Int32(clamping: span.first), Int32(clamping: span.last))
      let offset = Self.lowestGap(first, last, span.byteCount, in: placed)
      let end = offset.addingSaturated(span.byteCount)
      offsets[order[position]] = offset
      if end > peak { (peak, highest) = (end, position) }
      guard peak < limit else { return }
      Self.insert(Placed(first: first, last: last, offset: offset, end: end), into: &placed)
    }
  }

  /// The lowest offset at which `byteCount` bytes are free from step `first` to `last`. Most of the time that planning
  /// takes is spent here.
  private static func lowestGap(_ first: Int32, _ last: Int32, _ byteCount: Int, in placed: [Placed]) -> Int {
    unsafe placed.withUnsafeBufferPointer { placed in
      guard var next = placed.baseAddress else { return 0 }
      let end = unsafe next + placed.count
      var offset = 0
      var wanted = byteCount
      // Behind a tensor that begins where the gap would end, all do.
      while unsafe next < end && next.pointee.offset < wanted {
        // Both differences are positive or 0 where the lives meet: one branch instead of two that are hard to foretell.
        if unsafe (last &- next.pointee.first) | (next.pointee.last &- first) >= 0, unsafe next.pointee.end > offset {
          offset = unsafe next.pointee.end
          wanted = offset.addingSaturated(byteCount)
        }
        unsafe next += 1
      }
      return offset
    }
  }

  /// As `Array.insert`, which moves one element after the other.
  private static func insert(_ new: Placed, into placed: inout [Placed]) {
    let position = position(of: new.offset, in: placed)
    let behind = placed.count - position
    placed.append(new)
    guard behind > 0 else { return }
    unsafe placed.withUnsafeMutableBufferPointer { placed in
      guard let place = placed.baseAddress.map({ unsafe UnsafeMutableRawPointer($0 + position) }) else { return }
      unsafe (place + MemoryLayout<Placed>.stride).copyMemory(
        from: place, byteCount: behind * MemoryLayout<Placed>.stride)
      unsafe placed[position] = new
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
