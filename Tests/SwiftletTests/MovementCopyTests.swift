import TestSupport
import Testing

@testable import Swiftlet

/// Copies against a walk over every element, with sentinels in all that a copy must leave alone.
@Suite struct StridedCopyTests {
  struct Box: Sendable {
    var counts: [Int]
    /// Order of the dimensions in the destination.
    var order: [Int]
    var reversed: [Bool]
    var repeated: [Bool]
  }

  static func box(seed: UInt64) -> Box {
    var random = SplitMix(seed: seed)
    let rank = random.next(below: 5)
    let limit = rank <= 2 ? 70 : 7
    return Box(
      counts: (0..<rank).map { _ in 1 + random.next(below: limit) }, order: random.permutation(rank),
      reversed: (0..<rank).map { _ in random.next(below: 4) == 0 },
      repeated: (0..<rank).map { _ in random.next(below: 6) == 0 })
  }

  @Test(arguments: 0..<60, [1, 2, 3, 4, 8, 12, 17])
  func copiesEveryElementAndNothingElse(seed: Int, elementBytes: Int) {
    let box = Self.box(seed: UInt64(seed * 31 + elementBytes))
    let rank = box.counts.count
    let gap = 3
    let sourceStrides = strides(box.counts, elementBytes: elementBytes, gap: gap)
    let ordered = box.order.map { box.counts[$0] }
    let orderedStrides = strides(ordered, elementBytes: elementBytes, gap: gap)
    var loops: [StridedCopy.Loop] = []
    var sourceOffset = 5
    for (position, axis) in box.order.enumerated() {
      let step = box.repeated[axis] ? 0 : box.reversed[axis] ? -sourceStrides[axis] : sourceStrides[axis]
      if step < 0 { sourceOffset += (box.counts[axis] - 1) * sourceStrides[axis] }
      loops.append(.init(box.counts[axis], source: step, destination: orderedStrides[position]))
    }
    let copy = StridedCopy(loops, elementBytes: elementBytes, sourceOffset: sourceOffset, destinationOffset: 7)
    let source = (0..<extent(box.counts, sourceStrides, elementBytes) + 9).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }
    var expected = Array(repeating: UInt8(0xA5), count: extent(ordered, orderedStrides, elementBytes) + 16)
    var found = expected
    walk(loops) { from, to in
      for byte in 0..<elementBytes { expected[7 + to + byte] = source[sourceOffset + from + byte] }
    }
    run(copy, source, &found)
    #expect(found == expected)
    #expect(copy.byteCount == box.counts.reduce(elementBytes, *))
    #expect(copy.axes.count <= rank)
  }

  @Test func joinsLoopsThatWalkInOneStride() {
    let dense = StridedCopy(
      [.init(3, source: 40, destination: 40), .init(10, source: 4, destination: 4)], elementBytes: 4)
    #expect(dense.isContiguous)
    #expect(dense.runBytes == 120)
    let rows = StridedCopy(
      [.init(3, source: 80, destination: 40), .init(10, source: 4, destination: 4)], elementBytes: 4)
    #expect(rows.axes.count == 1)
    #expect(rows.runBytes == 40)
  }

  @Test func anEmptyLoopCopiesNothing() {
    let empty = StridedCopy(
      [.init(3, source: 4, destination: 4), .init(0, source: 4, destination: 4)], elementBytes: 4)
    var bytes: [UInt8] = [1, 2, 3, 4]
    run(empty, [9, 9, 9, 9], &bytes)
    #expect(bytes == [1, 2, 3, 4])
  }

  /// Strides of a layout whose innermost rows have `gap` bytes between them.
  private func strides(_ counts: [Int], elementBytes: Int, gap: Int) -> [Int] {
    var strides = Array(repeating: elementBytes, count: counts.count)
    for index in stride(from: counts.count - 2, through: 0, by: -1) {
      strides[index] = strides[index + 1] * counts[index + 1] + gap
    }
    return strides
  }

  private func extent(_ counts: [Int], _ strides: [Int], _ elementBytes: Int) -> Int {
    zip(counts, strides).reduce(elementBytes) { $0 + ($1.0 - 1) * $1.1 }
  }

  private func walk(_ loops: [StridedCopy.Loop], from: Int = 0, to: Int = 0, _ body: (Int, Int) -> Void) {
    guard let loop = loops.first else { return body(from, to) }
    for index in 0..<loop.count {
      walk(
        Array(loops.dropFirst()), from: from + index * loop.source, to: to + index * loop.destination, body)
    }
  }

  private func run(_ copy: StridedCopy, _ source: [UInt8], _ destination: inout [UInt8]) {
    var slots: [UnsafeMutableRawPointer?] = unsafe [nil]
    unsafe slots.withUnsafeMutableBufferPointer { slots in
      let invocation = unsafe Invocation(slots: slots.baseAddress.unsafelyUnwrapped, pool: nil, program: nil)
      unsafe source.withUnsafeBytes { source in
        unsafe destination.withUnsafeMutableBytes { destination in
          unsafe copy.run(
            from: UnsafeMutableRawPointer(mutating: source.baseAddress.unsafelyUnwrapped),
            to: destination.baseAddress.unsafelyUnwrapped, invocation)
        }
      }
    }
  }
}

extension SplitMix {
  mutating func permutation(_ count: Int) -> [Int] {
    var values = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) { values.swapAt(index, next(below: index + 1)) }
    return values
  }
}
