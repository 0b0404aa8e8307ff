import ModelFormat

/// PAD and PADV2: elements of one value around the input.
///
/// Inputs: data; paddings, a constant [rank, 2] of counts before and after; for PADV2 the value, a scalar of the output's
/// type and quantization. PAD fills with zero, in 8-bit tensors with the output's zero point.
package enum Pad: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...3, outputs: 1)
    let shape = try node.input(0).shape
    try node.setOutput(0, shape: try paddedShape(shape, try paddings(node, rank: shape.rank)))
  }

  /// Counts before and after each dimension of input 0.
  static func paddings(_ node: Node, rank: Int) throws(PrepareError) -> Margins {
    let tensor = try node.input(1)
    guard tensor.rank == 2, tensor.shape[0] == rank, tensor.shape[1] == 2 else {
      throw PrepareError(
        .shapeMismatch, .input(1), found: .shape(tensor.shape),
        expected: Shape(of: rank, 2).map { .shape($0) } ?? .none)
    }
    let values = try node.shapeIntegers(1)
    for index in 0..<values.count where values[index] < 0 {
      throw PrepareError(.valueInvalid, .input(1), field: "padding", found: .int(values[index]), expected: .int(0))
    }
    return Margins(count: rank) { (values[2 * $0], values[2 * $0 + 1]) }
  }

  static func paddedShape(_ shape: Shape, _ paddings: Margins) throws(PrepareError) -> Shape? {
    Shape(rank: shape.rank) { axis in
      shape[axis].addingSaturated(paddings[axis].before).addingSaturated(paddings[axis].after)
    }
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    let paddings = try paddings(node, rank: input.rank)
    let layout = PaddedLayout(
      inner: input.shape, outer: output.shape, paddings: paddings, elementBytes: bytes)
    moves.reserve(1 + (node.isRunTime ? 2 * input.rank : paddings.borderCount))
    moves.add(layout.interior, from: input, to: output, of: node)
    let isZero = try node.optionalInput(2) == nil
    let value =
      isZero
      ? try node.zeros(of: output, byteCount: layout.valueBytes) : try givenValue(try node.input(2), output, node)
    layout.forEachBorder(valueBytes: isZero ? layout.valueBytes : bytes, alsoEmpty: node.isRunTime) { border in
      moves.add(border, from: value, to: node.operand(output))
    }
  }

  /// Where the one element to fill with stands.
  private static func givenValue(_ value: Tensor, _ output: Tensor, _ node: Node) throws(PrepareError) -> Operand {
    guard value.type == output.type else {
      throw PrepareError(.typeMismatch, .input(2), found: .type(value.type), expected: .type(output.type))
    }
    guard value.count == 1 else {
      throw PrepareError(
        .shapeMismatch, .input(2), field: "number of elements", found: .int(value.count), expected: .int(1))
    }
    if value.type == .int8 || value.type == .uint8 {
      try Node.expectQuantization(of: value, toBeThatOf: output, .input(2))
    }
    return node.operand(value)
  }
}
