import ModelFormat

/// SLICE: the box of `size` elements that starts at `begin`; a size of -1 reaches to the end.
///
/// Inputs: data; `begin` and `size`, constant vectors of one element for each dimension.
package enum Slice: MovementOperator, AdaptableOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 1)
    try node.setOutput(0, shape: Shape(try box(node).sizes))
  }

  private static func box(_ node: Node) throws(PrepareError) -> (begins: ByAxis, sizes: ByAxis) {
    let shape = try node.input(0).shape
    let begins = try node.shapeIntegers(1, count: shape.rank).byAxis
    var sizes = try node.shapeIntegers(2, count: shape.rank).byAxis
    for axis in 0..<shape.rank {
      guard begins[axis] >= 0, begins[axis] <= shape[axis] else {
        throw PrepareError(
          .valueInvalid, .input(1), field: "begin", found: .int(begins[axis]), expected: .int(shape[axis]))
      }
      let rest = shape[axis] - begins[axis]
      if sizes[axis] == -1 { sizes[axis] = rest }
      guard sizes[axis] >= 0, sizes[axis] <= rest else {
        throw PrepareError(.valueInvalid, .input(2), field: "size", found: .int(sizes[axis]), expected: .int(rest))
      }
    }
    return (begins, sizes)
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let from = input.shape.byteStrides(elementBytes: bytes)
    let to = output.shape.byteStrides(elementBytes: bytes)
    let (begins, sizes) = try box(node)
    var offset = 0
    for axis in 0..<begins.count { offset = offset &+ begins[axis] &* from[axis] }
    let copy = StridedCopy(sizes.count, elementBytes: bytes, sourceOffset: offset) {
      StridedCopy.Loop(sizes[$0], source: from[$0], destination: to[$0])
    }
    moves.add(copy, from: input, to: output, of: node)
    moves.elementBytes = bytes
  }

  package static func adapt(_ plan: inout Moves, to shapes: RunTimeShapes) -> Bool {
    let (shape, bytes) = (shapes.shape(0), plan.elementBytes)
    var sizes: InlineArray<8, Int> = InlineArray(repeating: 0)
    var offset = 0
    guard shapes.shape(1).elementCount == shape.rank, shapes.shape(2).elementCount == shape.rank else { return false }
    for axis in 0..<shape.rank {
      guard let begin = shapes.integer(1, axis), let size = shapes.integer(2, axis), begin >= 0, begin <= shape[axis]
      else { return false }
      let rest = shape[axis] - begin
      guard size >= -1, size <= rest else { return false }
      sizes[axis] = size == -1 ? rest : size
      offset = offset &+ begin &* shape.byteStride(axis, elementBytes: bytes)
    }
    guard let output = Shape(rank: shape.rank, { sizes[$0] }) else { return false }
    plan.rebuild(shape.rank, elementBytes: bytes, sourceOffset: offset) { axis in
      StridedCopy.Loop(
        sizes[axis], source: shape.byteStride(axis, elementBytes: bytes),
        destination: output.byteStride(axis, elementBytes: bytes))
    }
    return shapes.set(0, to: output)
  }
}
