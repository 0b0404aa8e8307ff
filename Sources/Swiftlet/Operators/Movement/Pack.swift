import ModelFormat

/// PACK: the inputs, all of one shape, stacked along a new dimension `axis`. Quantization is the same everywhere.
package enum Pack: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...Int.max, outputs: 1)
    guard node.options.int32(0) == node.inputCount else {
      throw PrepareError(
        .optionInvalid, field: "values_count", found: .int(node.options.int32(0)), expected: .int(node.inputCount))
    }
    let first = try node.input(0).shape
    for position in 0..<node.inputCount {
      let shape = try node.input(position).shape
      guard shape == first else {
        throw PrepareError(.shapeMismatch, .input(position), found: .shape(shape), expected: .shape(first))
      }
    }
    let axis = try node.axis(fromOption: node.options.int32(1), rank: first.rank + 1)
    try node.setOutput(0, shape: first.inserting(node.inputCount, at: axis))
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let output = try node.output(0)
    let axis = try node.axis(fromOption: node.options.int32(1), rank: output.rank)
    let rows = output.shape.count(of: 0..<axis)
    let rowBytes = output.shape.count(of: axis + 1..<output.rank) &* (output.type.bitWidth / 8)
    moves.reserve(node.inputCount)
    for position in 0..<node.inputCount {
      let input = try node.input(position)
      _ = try node.movedElementBytes(input, operand: position)
      try Node.expectQuantization(of: input, toBeThatOf: output, .input(position))
      let copy = StridedCopy(
        rows: rows, of: rowBytes, sourceStride: rowBytes, destinationStride: rowBytes &* node.inputCount,
        destinationOffset: rowBytes &* position)
      moves.add(copy, from: input, to: output, of: node)
    }
  }
}
