import ModelFormat

/// Where the parts of a padded tensor lie: the input in the middle and two borders along each dimension.
///
/// The borders of a dimension are as wide as the input along the dimensions before it and as wide as the output along those
/// behind it, so that every element is written once.
struct PaddedLayout {
  let inner, outer: Shape
  let paddings: [(before: Int, after: Int)]
  let elementBytes: Int

  private var strides: [Int] { outer.byteStrides(elementBytes: elementBytes) }

  var interior: StridedCopy {
    let from = inner.byteStrides(elementBytes: elementBytes)
    let to = strides
    let loops = to.indices.map { StridedCopy.Loop(inner[$0], source: from[$0], destination: to[$0]) }
    return StridedCopy(loops, elementBytes: elementBytes, destinationOffset: start(upTo: to.count))
  }

  /// Byte position in the output of the input's first element along the first `axis` dimensions.
  func start(upTo axis: Int) -> Int {
    let to = strides
    return (0..<axis).reduce(0) { $0 &+ paddings[$1].before &* to[$1] }
  }

  /// Copies over the borders from memory that holds the value over `valueBytes` bytes, at least one element.
  func borders(valueBytes: Int) -> [StridedCopy] {
    let to = strides
    return to.indices.flatMap { axis in
      [(0, paddings[axis].before), (paddings[axis].before + inner[axis], paddings[axis].after)].map { first, count in
        let offset = start(upTo: axis) &+ first &* to[axis]
        let outerLoops = (0..<axis).map { StridedCopy.Loop(inner[$0], source: 0, destination: to[$0]) }
        let run = count &* to[axis]
        guard run > valueBytes else { return StridedCopy(outerLoops, elementBytes: run, destinationOffset: offset) }
        let elements = StridedCopy.Loop(run / elementBytes, source: 0, destination: elementBytes)
        return StridedCopy(outerLoops + [elements], elementBytes: elementBytes, destinationOffset: offset)
      }
    }
  }

  /// The longest contiguous piece of a border, as far as it is worth to keep the value in that length.
  var valueBytes: Int {
    let to = strides
    return to.indices.flatMap { [paddings[$0].before &* to[$0], paddings[$0].after &* to[$0]] }
      .filter { $0 <= 256 }.reduce(elementBytes) { max($0, $1) }
  }

  /// The loops over `count` elements of dimension `axis`, inside the input before it, all of the output behind it.
  func slab(_ axis: Int, count: Int, strides: [Int]) -> [(count: Int, stride: Int)] {
    strides.indices.map { index in
      (index < axis ? inner[index] : index == axis ? count : outer[index], strides[index])
    }
  }
}

extension Node {
  /// `byteCount` bytes of zero, of the zero point for 8-bit types.
  func zeros(of tensor: Tensor, byteCount: Int) throws(PrepareError) -> Operand {
    let zero = tensor.type == .int8 || tensor.type == .uint8 ? tensor.zeroPoint : 0
    return unsafe try packed(byteCount) { memory in
      unsafe memory.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: zero), count: byteCount)
    }
  }
}
