import ModelFormat

/// DILATE: the input with copies of a value between its elements.
///
/// Inputs: data; for each dimension the distance of neighbours in the output, a constant vector of at least 1; the value
/// between them, a scalar.
package enum Dilate: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 1)
    let shape = try node.input(0).shape
    let distances = try distances(node, rank: shape.rank)
    try node.setOutput(
      0,
      shape: Shape(rank: shape.rank) { axis in
        shape[axis] == 0 ? 0 : (shape[axis] - 1).multipliedSaturated(by: distances[axis]).addingSaturated(1)
      })
  }

  private static func distances(_ node: Node, rank: Int) throws(PrepareError) -> Integers {
    let distances = try node.shapeIntegers(1, count: rank)
    for axis in 0..<rank where distances[axis] < 1 {
      throw PrepareError(.valueInvalid, .input(1), field: "dilation", found: .int(distances[axis]), expected: .int(1))
    }
    return distances
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, value, output) = (try node.input(0), try node.input(2), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    _ = try node.movedElementBytes(value, operand: 2)
    guard value.count == 1 else {
      throw PrepareError(
        .shapeMismatch, .input(2), field: "number of elements", found: .int(value.count), expected: .int(1))
    }
    let distances = try distances(node, rank: input.rank)
    let (sources, destinations) = (
      input.shape.byteStrides(elementBytes: bytes), output.shape.byteStrides(elementBytes: bytes)
    )
    let copy = StridedCopy(input.rank, elementBytes: bytes) { axis in
      StridedCopy.Loop(
        input.shape[axis], source: sources[axis], destination: destinations[axis] &* distances[axis])
    }
    moves.add(
      StridedCopy(repeatingElementOf: bytes, count: output.count), from: node.operand(value), to: node.operand(output))
    moves.add(copy, from: node.operand(input), to: node.operand(output))
  }
}
