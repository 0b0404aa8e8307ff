import ModelFormat

/// REVERSE_V2: the input backwards along some dimensions. Inputs: data; the dimensions, a constant vector.
package enum Reverse: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let input = try node.input(0)
    _ = try reversed(node, input.shape)
    try node.setOutput(0, shape: input.shape)
  }

  /// The dimensions that are reversed.
  private static func reversed(_ node: Node, _ shape: Shape) throws(PrepareError) -> AxisSet {
    var reversed = AxisSet()
    let axes = try node.shapeIntegers(1)
    for index in 0..<axes.count {
      let value = axes[index]
      guard let axis = shape.normalized(axis: value), !reversed.contains(axis), reversed.insert(axis, of: shape) else {
        throw PrepareError(
          .valueInvalid, .input(1), field: "axis", found: .int(value), expected: .int(shape.rank - 1))
      }
    }
    return reversed
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let strides = input.shape.byteStrides(elementBytes: bytes)
    let reversed = try reversed(node, input.shape)
    var offset = 0
    for axis in 0..<input.rank where reversed.contains(axis) {
      offset &+= strides[axis] &* (input.shape[axis] - 1)
    }
    let copy = StridedCopy(input.rank, elementBytes: bytes, sourceOffset: offset) { axis in
      StridedCopy.Loop(
        input.shape[axis], source: reversed.contains(axis) ? -strides[axis] : strides[axis], destination: strides[axis])
    }
    moves.add(copy, from: input, to: output, of: node)
  }
}
