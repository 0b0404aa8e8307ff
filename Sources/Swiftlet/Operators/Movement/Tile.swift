import ModelFormat

/// TILE: the input repeated `multiples[i]` times along dimension `i`.
///
/// Inputs: data; `multiples`, a constant vector of one count, at least 0, for each dimension.
package enum Tile: MovementOperator, AdaptableOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let shape = try node.input(0).shape
    let multiples = try multiples(node, rank: shape.rank)
    try node.setOutput(0, shape: Shape(rank: shape.rank) { shape[$0].multipliedSaturated(by: multiples[$0]) })
  }

  private static func multiples(_ node: Node, rank: Int) throws(PrepareError) -> Integers {
    let multiples = try node.shapeIntegers(1, count: rank)
    for axis in 0..<rank where multiples[axis] < 0 {
      throw PrepareError(.valueInvalid, .input(1), field: "multiple", found: .int(multiples[axis]), expected: .int(0))
    }
    return multiples
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let multiples = try multiples(node, rank: input.rank)
    let from = input.shape.byteStrides(elementBytes: bytes)
    let to = output.shape.byteStrides(elementBytes: bytes)
    let copy = StridedCopy(2 * input.rank, elementBytes: bytes) { loop in
      let axis = loop / 2
      return loop % 2 == 0
        ? StridedCopy.Loop(multiples[axis], source: 0, destination: input.shape[axis] &* to[axis])
        : StridedCopy.Loop(input.shape[axis], source: from[axis], destination: to[axis])
    }
    moves.add(copy, from: input, to: output, of: node)
    moves.elementBytes = bytes
  }

  package static func adapt(_ plan: inout Moves, to shapes: RunTimeShapes) -> Bool {
    let (shape, bytes) = (shapes.shape(0), plan.elementBytes)
    var multiples: InlineArray<8, Int> = InlineArray(repeating: 1)
    guard shapes.shape(1).elementCount == shape.rank else { return false }
    for axis in 0..<shape.rank {
      guard let multiple = shapes.integer(1, axis), multiple >= 0 else { return false }
      multiples[axis] = multiple
    }
    guard let output = Shape(rank: shape.rank, { shape[$0].multipliedSaturated(by: multiples[$0]) }) else {
      return false
    }
    plan.rebuild(2 * shape.rank, elementBytes: bytes) { loop in
      let axis = loop / 2
      let to = output.byteStride(axis, elementBytes: bytes)
      return loop % 2 == 0
        ? StridedCopy.Loop(multiples[axis], source: 0, destination: shape[axis] &* to)
        : StridedCopy.Loop(shape[axis], source: shape.byteStride(axis, elementBytes: bytes), destination: to)
    }
    return shapes.set(0, to: output)
  }
}
