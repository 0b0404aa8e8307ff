import ModelFormat

/// BROADCAST_TO: the input under a larger shape; dimensions of 1, and missing leading ones, are repeated.
///
/// Inputs: data; the shape, a constant vector.
package enum BroadcastTo: MovementOperator, AdaptableOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let input = try node.input(0).shape
    let wanted = Shape(try node.shapeIntegers(1))
    guard let wanted, Shape.broadcast(input, wanted) == wanted else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "shape", found: wanted.map { .shape($0) } ?? .none, expected: .shape(input),
        remedy: "the input does not broadcast to it")
    }
    try node.setOutput(0, shape: wanted)
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let source = input.shape.padded(toRank: output.rank)
    let from = source.byteStrides(elementBytes: bytes)
    let to = output.shape.byteStrides(elementBytes: bytes)
    let copy = StridedCopy(output.rank, elementBytes: bytes) { axis in
      StridedCopy.Loop(output.shape[axis], source: source[axis] == 1 ? 0 : from[axis], destination: to[axis])
    }
    moves.add(copy, from: input, to: output, of: node)
    moves.elementBytes = bytes
  }

  package static func adapt(_ plan: inout Moves, to shapes: RunTimeShapes) -> Bool {
    let (shape, bytes) = (shapes.shape(0), plan.elementBytes)
    guard let output = Shape(rank: shapes.shape(1).elementCount, { shapes.integer(1, $0) ?? -1 }),
      Shape.broadcast(shape, output) == output
    else { return false }
    let source = shape.padded(toRank: output.rank)
    plan.rebuild(output.rank, elementBytes: bytes) { axis in
      StridedCopy.Loop(
        output[axis], source: source[axis] == 1 ? 0 : source.byteStride(axis, elementBytes: bytes),
        destination: output.byteStride(axis, elementBytes: bytes))
    }
    return shapes.set(0, to: output)
  }
}
