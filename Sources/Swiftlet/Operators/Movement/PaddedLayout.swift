import ModelFormat

/// Elements before and after each dimension.
struct Margins: Sendable {
  private var before, after: ByAxis

  init(count: Int, _ margin: (Int) -> (before: Int, after: Int)) {
    before = ByAxis(count: count) { margin($0).before }
    after = ByAxis(count: count) { margin($0).after }
  }

  var count: Int { before.count }

  var hasAny: Bool { borderCount > 0 }

  /// How many are not empty.
  var borderCount: Int {
    var borders = 0
    for axis in 0..<count { borders += (before[axis] > 0 ? 1 : 0) + (after[axis] > 0 ? 1 : 0) }
    return borders
  }

  subscript(axis: Int) -> (before: Int, after: Int) { (before[axis], after[axis]) }
}

/// Where the parts of a padded tensor lie: the input in the middle and two borders along each dimension.
///
/// The borders of a dimension are as wide as the input along the dimensions before it and as wide as the output along those
/// behind it, so that every element is written once.
struct PaddedLayout {
  let inner, outer: Shape
  let paddings: Margins
  let elementBytes: Int

  private var strides: ByAxis { outer.byteStrides(elementBytes: elementBytes) }

  var interior: StridedCopy {
    let from = inner.byteStrides(elementBytes: elementBytes)
    let to = strides
    return StridedCopy(to.count, elementBytes: elementBytes, destinationOffset: start(upTo: to.count)) {
      StridedCopy.Loop(inner[$0], source: from[$0], destination: to[$0])
    }
  }

  /// Byte position in the output of the input's first element along the first `axis` dimensions.
  func start(upTo axis: Int) -> Int {
    let to = strides
    var start = 0
    for index in 0..<axis { start = start &+ paddings[index].before &* to[index] }
    return start
  }

  /// Gives `body` the copies over the borders from memory that holds the value over `valueBytes` bytes, at least one
  /// element.
  func forEachBorder(valueBytes: Int, alsoEmpty: Bool = true, _ body: (StridedCopy) -> Void) {
    for axis in 0..<outer.rank {
      let (before, after) = (paddings[axis].before, paddings[axis].after)
      if before > 0 || alsoEmpty { body(border(axis, first: 0, count: before, valueBytes: valueBytes)) }
      if after > 0 || alsoEmpty {
        body(border(axis, first: before + inner[axis], count: after, valueBytes: valueBytes))
      }
    }
  }

  private func border(_ axis: Int, first: Int, count: Int, valueBytes: Int) -> StridedCopy {
    let to = strides
    let offset = start(upTo: axis) &+ first &* to[axis]
    let run = count &* to[axis]
    let isWhole = run <= valueBytes
    return StridedCopy(
      isWhole ? axis : axis + 1, elementBytes: isWhole ? run : elementBytes, destinationOffset: offset
    ) {
      $0 < axis
        ? StridedCopy.Loop(inner[$0], source: 0, destination: to[$0])
        : StridedCopy.Loop(run / elementBytes, source: 0, destination: elementBytes)
    }
  }

  /// The longest contiguous piece of a border, as far as it is worth to keep the value in that length.
  var valueBytes: Int {
    let to = strides
    var longest = elementBytes
    for axis in 0..<to.count {
      let (before, after) = (paddings[axis].before &* to[axis], paddings[axis].after &* to[axis])
      if before <= PaddedLayout.longestPiece { longest = max(longest, before) }
      if after <= PaddedLayout.longestPiece { longest = max(longest, after) }
    }
    return longest
  }

  static let longestPiece = 256

  /// The elements of dimension `index` that a border of `count` elements of dimension `axis` has: inside the input before
  /// it, all of the output behind it.
  func slab(_ axis: Int, count: Int, _ index: Int) -> Int {
    index < axis ? inner[index] : index == axis ? count : outer[index]
  }
}

extension Node {
  /// `byteCount` bytes of zero, of the zero point for 8-bit types. While running as many as any shape needs.
  func zeros(of tensor: Tensor, byteCount: Int) throws(PrepareError) -> Operand {
    let byteCount = isRunTime ? max(byteCount, PaddedLayout.longestPiece) : byteCount
    let zero = tensor.type == .int8 || tensor.type == .uint8 ? tensor.zeroPoint : 0
    return unsafe try packed(byteCount) { memory in
      unsafe memory.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: zero), count: byteCount)
    }
  }
}
