import ModelFormat

/// FILL: a tensor of one value. Inputs: the shape, a constant vector; the value, a scalar of the output's type.
package enum Fill: MovementOperator, AdaptableOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let dimensions = try node.shapeIntegers(0)
    guard let shape = Shape(dimensions) else {
      throw PrepareError(
        .valueInvalid, .input(0), field: "shape", remedy: "at most 8 dimensions of at least 0 are supported")
    }
    try node.setOutput(0, shape: shape)
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (value, output) = (try node.input(1), try node.output(0))
    guard value.count == 1 else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "number of elements", found: .int(value.count), expected: .int(1))
    }
    let bytes = try node.movedElementBytes(value, operand: 1)
    moves.add(
      StridedCopy(repeatingElementOf: bytes, count: output.count), from: node.operand(value), to: node.operand(output))
    moves.elementBytes = bytes
  }

  package static func adapt(_ plan: inout Moves, to shapes: RunTimeShapes) -> Bool {
    let (rank, bytes) = (shapes.shape(0).elementCount, plan.elementBytes)
    guard shapes.shape(1).elementCount == 1, let output = Shape(rank: rank, { shapes.integer(0, $0) ?? -1 }) else {
      return false
    }
    plan.rebuild(1, elementBytes: bytes) { _ in .init(output.elementCount, source: 0, destination: bytes) }
    return shapes.set(0, to: output)
  }
}
