import ModelFormat

/// STRIDED_SLICE: `input[begin:end:stride, ...]` of NumPy, with TensorFlow's masks.
///
/// Inputs: data; `begin`, `end` and `strides`, constant vectors of equal length. Options: bit `i` of a mask concerns
/// position `i` of the vectors: begin and end masks drop the bound, the ellipsis stands for as many whole dimensions as
/// fit, a new axis inserts a dimension of 1, a shrunk axis keeps one element and drops the dimension. With `offset`, ends
/// count from the begins.
package enum StridedSlice: MovementOperator, AdaptableOperator {
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
    let begins = try node.shapeIntegers(1)
    let ends = try node.shapeIntegers(2, count: begins.count)
    let strides = try node.shapeIntegers(3, count: begins.count)
    var ranges: [Range] = []
    try walk(try node.input(0).shape, begins.count, node.options, { (begins[$0], ends[$0], strides[$0]) }) {
      ranges.append($0)
    }
    return ranges
  }

  private typealias Bounds = (begin: Int, end: Int, stride: Int)

  /// Calls `body` for every dimension of the result, those that are dropped included. `bounds` gives the `count` elements
  /// of the three vectors.
  private static func walk(
    _ shape: Shape, _ count: Int, _ options: OptionTable, _ bounds: (Int) -> Bounds, _ body: (Range) -> Void
  ) throws(PrepareError) {
    let newAxes = Mask(bits: options.int32(3))
    let ellipsis = try ellipsisPosition(options, count: count)
    var consumed = 0
    for position in 0..<count where position != ellipsis && !newAxes.contains(position) { consumed += 1 }
    guard consumed <= shape.rank else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "number of sliced dimensions", found: .int(consumed),
        expected: .int(shape.rank))
    }
    var axis = 0
    for position in 0..<count {
      if position == ellipsis {
        for _ in consumed..<shape.rank {
          body(Range(axis: axis, count: shape[axis]))
          axis += 1
        }
      } else if newAxes.contains(position) {
        body(Range(axis: nil))
      } else {
        body(try range(of: axis, dimension: shape[axis], bit: position, bounds(position), options))
        axis += 1
      }
    }
    while axis < shape.rank {
      body(Range(axis: axis, count: shape[axis]))
      axis += 1
    }
  }

  private static func ellipsisPosition(_ options: OptionTable, count: Int) throws(PrepareError) -> Int? {
    let mask = Mask(bits: options.int32(2))
    var found: Int?
    for position in 0..<count where mask.contains(position) {
      guard found == nil else {
        throw PrepareError(
          .optionInvalid, field: "ellipsis_mask", found: .int(mask.bits), remedy: "at most one ellipsis is allowed")
      }
      found = position
    }
    return found
  }

  private static func range(
    of axis: Int, dimension: Int, bit: Int, _ bounds: Bounds,
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

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
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
    moves.add(StridedCopy(loops, elementBytes: bytes, sourceOffset: offset), from: input, to: output, of: node)
    moves.elementBytes = bytes
  }

  package static func adapt(_ plan: inout Moves, to shapes: RunTimeShapes) -> Bool {
    let (shape, bytes, count) = (shapes.shape(0), plan.elementBytes, shapes.shape(1).elementCount)
    guard shapes.shape(2).elementCount == count, shapes.shape(3).elementCount == count else { return false }
    var dimensions: InlineArray<8, Int> = InlineArray(repeating: 1)
    var loops: InlineArray<8, StridedCopy.Loop> = InlineArray(repeating: .init(1, source: 0, destination: 0))
    var (rank, loopCount, offset, isWhole) = (0, 0, 0, true)
    do throws(PrepareError) {
      try walk(shape, count, shapes.options) { position in
        guard let begin = shapes.integer(1, position), let end = shapes.integer(2, position),
          let stride = shapes.integer(3, position)
        else {
          isWhole = false
          return (0, 0, 1)
        }
        return (begin, end, stride)
      } _: { range in
        if !range.isDropped {
          if rank < Shape.maximumRank { dimensions[rank] = range.count }
          rank += 1
        }
        guard let axis = range.axis else { return }
        let from = shape.byteStride(axis, elementBytes: bytes)
        loops[loopCount] = StridedCopy.Loop(range.count, source: from &* range.stride, destination: 0)
        offset = offset &+ from &* range.begin
        loopCount += 1
      }
    } catch {
      return false
    }
    guard isWhole, let output = Shape(rank: rank, { dimensions[$0] }) else { return false }
    var to = output.elementCount * bytes
    for index in 0..<loopCount {
      if loops[index].count > 0 { to /= loops[index].count }
      loops[index].destination = to
    }
    plan.rebuild(loopCount, elementBytes: bytes, sourceOffset: offset) { loops[$0] }
    return shapes.set(0, to: output)
  }
}
