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
  /// The loops around a run, outermost first, as few as possible.
  package private(set) var axes: [swl_copy_axis] = []

  /// - Parameters:
  ///   - loops: outermost first; the order of the destination makes the fastest copy.
  ///   - elementBytes: bytes that every combination of the loops moves.
  package init(_ loops: [Loop], elementBytes: Int, sourceOffset: Int = 0, destinationOffset: Int = 0) {
    self.sourceOffset = sourceOffset
    self.destinationOffset = destinationOffset
    runBytes = loops.contains { $0.count == 0 } ? 0 : elementBytes
    guard runBytes > 0 else { return }
    for loop in loops where loop.count != 1 { append(loop) }
    if let last = axes.last, last.source_stride == runBytes, last.destination_stride == runBytes {
      runBytes *= last.count
      axes.removeLast()
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
    let inner = swl_copy_axis(
      count: loop.count, source_stride: loop.source, destination_stride: loop.destination)
    if let outer = axes.last, outer.source_stride == loop.source &* loop.count,
      outer.destination_stride == loop.destination &* loop.count
    {
      axes[axes.count - 1] = swl_copy_axis(
        count: outer.count * loop.count, source_stride: loop.source, destination_stride: loop.destination)
    } else {
      axes.append(inner)
    }
  }

  /// Puts the loop over contiguous source elements next to the one over contiguous destination elements: the kernel
  /// copies such a pair in tiles.
  private mutating func pairForTransposition() {
    guard axes.count > 2, let last = axes.last, last.destination_stride == runBytes, last.source_stride != runBytes,
      let contiguous = axes.firstIndex(where: { $0.source_stride == runBytes })
    else { return }
    let axis = axes.remove(at: contiguous)
    axes.insert(axis, at: axes.count - 1)
  }

  /// The copy back.
  var reversed: StridedCopy {
    var result = self
    swap(&result.sourceOffset, &result.destinationOffset)
    result.axes = axes.map {
      swl_copy_axis(
        count: $0.count, source_stride: $0.destination_stride, destination_stride: $0.source_stride)
    }
    return result
  }

  /// Bytes that the copy moves.
  package var byteCount: Int {
    var product = runBytes
    for index in axes.indices { product &*= axes[index].count }
    return product
  }

  /// Whether the copy is one contiguous run.
  package var isContiguous: Bool { axes.isEmpty }

  /// Copies on as many threads as pay: below 128 KiB a thread costs more than it saves.
  func run(
    from source: UnsafeMutableRawPointer, to destination: UnsafeMutableRawPointer, _ invocation: borrowing Invocation
  ) {
    guard runBytes > 0 else { return }
    let from = unsafe source + sourceOffset
    let to = unsafe destination + destinationOffset
    guard axes.count > 0 else {
      if unsafe from != to { unsafe swl_copy_strided(from, to, nil, 0, runBytes, 0, 0) }
      return
    }
    let count = axes[0].count
    let grain = max(1, (128 << 10) / max(1, byteCount / count))
    invocation.parallel(count: count, grain: grain) { begin, end, _ in
      unsafe axes.withUnsafeBufferPointer { axes in
        unsafe swl_copy_strided(from, to, axes.baseAddress, axes.count, runBytes, begin, end)
      }
    }
  }
}
