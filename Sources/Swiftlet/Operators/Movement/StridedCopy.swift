package import CKernels

/// A copy of an N-dimensional box of elements between two layouts.
///
/// Strides are bytes; they may be 0 (repeat one element) or negative (reverse). Whoever makes one has checked that every
/// combination stays inside both tensors.
package struct StridedCopy: Sendable {
  /// Byte position of the box's first element.
  package private(set) var sourceOffset, destinationOffset: Int
  /// Bytes that are contiguous on both sides; 0 when there is nothing to copy.
  package private(set) var runBytes: Int
  /// The loops around a run, outermost first, as few as possible: the first `axisCount` of them.
  private var storage = InlineArray<16, swl_copy_axis>(repeating: swl_copy_axis())
  private var axisCount = 0

  package var axes: [swl_copy_axis] { (0..<axisCount).map { storage[$0] } }

  /// - Parameters:
  ///   - loops: outermost first; the order of the destination makes the fastest copy.
  ///   - elementBytes: bytes that every combination of the loops moves.
  package init(_ loops: [Loop], elementBytes: Int, sourceOffset: Int = 0, destinationOffset: Int = 0) {
    self.init(
      loops.count, elementBytes: elementBytes, sourceOffset: sourceOffset, destinationOffset: destinationOffset
    ) { loops[$0] }
  }

  /// A copy of `count` loops, at most two for each dimension, without an array.
  init(
    _ count: Int, elementBytes: Int, sourceOffset: Int = 0, destinationOffset: Int = 0, _ loop: (Int) -> Loop
  ) {
    (self.sourceOffset, self.destinationOffset, runBytes) = (0, 0, 0)
    rebuild(
      count, elementBytes: elementBytes, sourceOffset: sourceOffset, destinationOffset: destinationOffset, loop)
  }

  /// `count` copies of one element, one behind another.
  init(repeatingElementOf elementBytes: Int, count: Int) {
    self.init(1, elementBytes: elementBytes) { _ in Loop(count, source: 0, destination: elementBytes) }
  }

  /// Rows of `rowBytes` that stand at these distances.
  init(
    rows: Int, of rowBytes: Int, sourceStride: Int, destinationStride: Int, sourceOffset: Int = 0,
    destinationOffset: Int = 0
  ) {
    self.init(2, elementBytes: 1, sourceOffset: sourceOffset, destinationOffset: destinationOffset) { loop in
      loop == 0
        ? Loop(rows, source: sourceStride, destination: destinationStride) : Loop(rowBytes, source: 1, destination: 1)
    }
  }

  /// Makes this the copy that `init` makes of `count` loops, at most two for each dimension.
  mutating func rebuild(
    _ count: Int, elementBytes: Int, sourceOffset: Int = 0, destinationOffset: Int = 0, _ loop: (Int) -> Loop
  ) {
    self.sourceOffset = sourceOffset
    self.destinationOffset = destinationOffset
    axisCount = 0
    runBytes = elementBytes
    for index in 0..<count where loop(index).count == 0 { runBytes = 0 }
    guard runBytes > 0 else { return }
    for index in 0..<count where loop(index).count != 1 { append(loop(index)) }
    if axisCount > 0, storage[axisCount - 1].source_stride == runBytes,
      storage[axisCount - 1].destination_stride == runBytes
    {
      runBytes *= storage[axisCount - 1].count
      axisCount -= 1
    }
    pairForTransposition()
  }

  package struct Loop: Sendable {
    package var count, source, destination: Int

    package init(_ count: Int, source: Int, destination: Int) {
      (self.count, self.source, self.destination) = (count, source, destination)
    }
  }

  /// Adds an inner loop, as part of the one around it when the two walk on in one stride.
  private mutating func append(_ loop: Loop) {
    var inner = swl_copy_axis(
      count: loop.count, source_stride: loop.source, destination_stride: loop.destination)
    if axisCount > 0, storage[axisCount - 1].source_stride == loop.source &* loop.count,
      storage[axisCount - 1].destination_stride == loop.destination &* loop.count
    {
      inner.count *= storage[axisCount - 1].count
      axisCount -= 1
    }
    storage[axisCount] = inner
    axisCount += 1
  }

  /// Puts the loop over contiguous source elements next to the one over contiguous destination elements: the kernel
  /// copies such a pair in tiles.
  private mutating func pairForTransposition() {
    let last = axisCount - 1
    guard last >= 2, storage[last].destination_stride == runBytes, storage[last].source_stride != runBytes else {
      return
    }
    var contiguous = 0
    while contiguous < last, storage[contiguous].source_stride != runBytes { contiguous += 1 }
    while contiguous < last - 1 {
      storage.swapAt(contiguous, contiguous + 1)
      contiguous += 1
    }
  }

  /// The copy back.
  var reversed: StridedCopy {
    var result = self
    swap(&result.sourceOffset, &result.destinationOffset)
    for index in 0..<axisCount {
      result.storage[index] = swl_copy_axis(
        count: storage[index].count, source_stride: storage[index].destination_stride,
        destination_stride: storage[index].source_stride)
    }
    return result
  }

  /// Bytes that the copy moves.
  package var byteCount: Int {
    var product = runBytes
    for index in 0..<axisCount { product &*= storage[index].count }
    return product
  }

  /// Whether the copy is one contiguous run.
  package var isContiguous: Bool { axisCount == 0 }

  /// Copies on as many threads as pay: below 128 KiB a thread costs more than it saves.
  func run(
    from source: UnsafeMutableRawPointer, to destination: UnsafeMutableRawPointer, _ invocation: borrowing Invocation
  ) {
    guard runBytes > 0 else { return }
    let from = unsafe source + sourceOffset
    let to = unsafe destination + destinationOffset
    guard axisCount > 0 else {
      if unsafe from != to { unsafe swl_copy_strided(from, to, nil, 0, runBytes, 0, 0) }
      return
    }
    let count = storage[0].count
    let grain = max(1, (128 << 10) / max(1, byteCount / count))
    invocation.parallel(count: count, grain: grain) { begin, end, _ in
      unsafe withUnsafePointer(to: storage) { axes in
        unsafe swl_copy_strided(
          from, to, UnsafeRawPointer(axes).assumingMemoryBound(to: swl_copy_axis.self), axisCount, runBytes, begin, end)
      }
    }
  }
}
