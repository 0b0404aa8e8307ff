import ModelFormat

/// REVERSE_V2: the input backwards along some dimensions. Inputs: data; the dimensions, a constant vector.
package enum Reverse: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let input = try node.input(0)
    _ = try reversed(node, input.shape)
    try node.setOutput(0, shape: input.shape)
  }

  /// By dimension: whether it is reversed.
  private static func reversed(_ node: Node, _ shape: Shape) throws(PrepareError) -> [Bool] {
    var reversed = Array(repeating: false, count: shape.rank)
    for value in try node.shapeIntegers(1) {
      guard let axis = shape.normalized(axis: value), !reversed[axis] else {
        throw PrepareError(
          .valueInvalid, .input(1), field: "axis", found: .int(value), expected: .int(shape.rank - 1))
      }
      reversed[axis] = true
    }
    return reversed
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Moves {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let strides = input.shape.byteStrides(elementBytes: bytes)
    let reversed = try reversed(node, input.shape)
    var offset = 0
    let loops = (0..<input.rank).map { axis in
      if reversed[axis] { offset &+= strides[axis] &* (input.shape[axis] - 1) }
      return StridedCopy.Loop(
        input.shape[axis], source: reversed[axis] ? -strides[axis] : strides[axis], destination: strides[axis])
    }
    var moves = Moves()
    moves.add(StridedCopy(loops, elementBytes: bytes, sourceOffset: offset), from: input, to: output, of: node)
    return moves
  }
}
