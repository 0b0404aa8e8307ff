import ModelFormat

/// STRIDED_SLICE: `input[begin:end:stride, ...]` of NumPy, with TensorFlow's masks.
///
/// Inputs: data; `begin`, `end` and `strides`, constant vectors of equal length. Options: bit `i` of a mask concerns
/// position `i` of the vectors: begin and end masks drop the bound, the ellipsis stands for as many whole dimensions as
/// fit, a new axis inserts a dimension of 1, a shrunk axis keeps one element and drops the dimension. With `offset`, ends
/// count from the begins.
package enum StridedSlice: MovementOperator {
  /// What is taken of one dimension; a new axis has no source.
  private struct Range {
    var axis: Int?
    var begin = 0
    var count = 1
    var stride = 1
    var isDropped = false
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 4...4, outputs: 1)
    try node.setOutput(0, shape: Shape(try ranges(node).filter { !$0.isDropped }.map { $0.count }))
  }

  private static func ranges(_ node: Node) throws(PrepareError) -> [Range] {
    let shape = try node.input(0).shape
    let begins = try node.shapeIntegers(1)
    let ends = try node.shapeIntegers(2, count: begins.count)
    let strides = try node.shapeIntegers(3, count: begins.count)
    let newAxes = Mask(bits: node.options.int32(3))
    let ellipsis = try ellipsisPosition(node, count: begins.count)
    let consumed = begins.indices.count { $0 != ellipsis && !newAxes.contains($0) }
    guard consumed <= shape.rank else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "number of sliced dimensions", found: .int(consumed),
        expected: .int(shape.rank))
    }
    var ranges: [Range] = []
    var axis = 0
    func takeWhole(_ count: Int) {
      for _ in 0..<count {
        ranges.append(Range(axis: axis, count: shape[axis]))
        axis += 1
      }
    }
    for position in begins.indices {
      if position == ellipsis {
        takeWhole(shape.rank - consumed)
      } else if newAxes.contains(position) {
        ranges.append(Range(axis: nil))
      } else {
        ranges.append(
          try range(
            of: axis, dimension: shape[axis], bit: position, (begins[position], ends[position], strides[position]),
            node.options))
        axis += 1
      }
    }
    takeWhole(shape.rank - axis)
    return ranges
  }

  private static func ellipsisPosition(_ node: Node, count: Int) throws(PrepareError) -> Int? {
    let mask = Mask(bits: node.options.int32(2))
    let positions = (0..<count).filter { mask.contains($0) }
    guard positions.count <= 1 else {
      throw PrepareError(
        .optionInvalid, field: "ellipsis_mask", found: .int(mask.bits), remedy: "at most one ellipsis is allowed")
    }
    return positions.first
  }

  private static func range(
    of axis: Int, dimension: Int, bit: Int, _ bounds: (begin: Int, end: Int, stride: Int),
    _ options: OptionTable
  ) throws(PrepareError) -> Range {
    let stride = bounds.stride
    guard stride != 0, stride >= Int(Int32.min), stride <= Int(Int32.max) else {
      throw PrepareError(.valueInvalid, .input(3), field: "stride", found: .int(stride))
    }
    let limits = stride > 0 ? 0...dimension : -1...(dimension - 1)
    func clamped(_ value: Int) -> Int { min(max(value, limits.lowerBound), limits.upperBound) }
    func position(_ value: Int) -> Int { clamped(value < 0 ? value &+ dimension : value) }
    var begin = position(bounds.begin)
    if Mask(bits: options.int32(0)).contains(bit) { begin = stride > 0 ? 0 : dimension - 1 }
    if Mask(bits: options.int32(4)).contains(bit) {
      guard begin >= 0, begin < dimension else {
        throw PrepareError(
          .valueInvalid, .input(1), field: "begin", found: .int(bounds.begin), expected: .int(dimension - 1))
      }
      return Range(axis: axis, begin: begin, isDropped: true)
    }
    var end = options.bool(5) ? clamped(bounds.end.addingSaturated(begin)) : position(bounds.end)
    if Mask(bits: options.int32(1)).contains(bit) { end = stride > 0 ? dimension : -1 }
    let distance = stride > 0 ? end - begin : begin - end
    let step = abs(stride)
    return Range(axis: axis, begin: begin, count: distance <= 0 ? 0 : (distance - 1) / step + 1, stride: stride)
  }

  private struct Mask {
    let bits: Int
    func contains(_ position: Int) -> Bool { position < 32 && bits & (1 << position) != 0 }
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Moves {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let from = input.shape.byteStrides(elementBytes: bytes)
    var loops: [StridedCopy.Loop] = []
    var offset = 0
    var to = output.byteCount
    for range in try ranges(node) {
      guard let axis = range.axis else { continue }
      if range.count > 0 { to /= range.count }
      loops.append(StridedCopy.Loop(range.count, source: from[axis] &* range.stride, destination: to))
      offset += from[axis] &* range.begin
    }
    var moves = Moves()
    moves.add(StridedCopy(loops, elementBytes: bytes, sourceOffset: offset), from: input, to: output, of: node)
    return moves
  }
}
