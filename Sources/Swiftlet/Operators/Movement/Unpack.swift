import ModelFormat

/// UNPACK: one output for each element of dimension `axis`, which disappears. Quantization is the same everywhere.
package enum Unpack: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: max(1, node.outputCount))
    let shape = try node.input(0).shape
    let axis = try node.axis(fromOption: node.options.int32(1), rank: shape.rank)
    guard node.options.int32(0) == node.outputCount, shape[axis] == node.outputCount else {
      throw PrepareError(
        .shapeMismatch, .input(0), field: "unpacked dimension", found: .int(shape[axis]),
        expected: .int(node.outputCount))
    }
    for position in 0..<node.outputCount { try node.setOutput(position, shape: shape.removing(axis)) }
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let input = try node.input(0)
    let axis = try node.axis(fromOption: node.options.int32(1), rank: input.rank)
    for position in 0..<node.outputCount {
      try Node.expectQuantization(of: try node.output(position), toBeThatOf: input, .output(position))
    }
    let rows = input.shape.count(of: 0..<axis)
    let rowBytes = input.shape.count(of: axis + 1..<input.rank) &* (input.type.bitWidth / 8)
    moves.reserve(node.outputCount)
    for position in 0..<node.outputCount {
      _ = try node.movedElementBytes(input, toOutput: position)
      let copy = StridedCopy(
        rows: rows, of: rowBytes, sourceStride: rowBytes &* node.outputCount, destinationStride: rowBytes,
        sourceOffset: rowBytes &* position)
      moves.add(copy, from: input, to: try node.output(position), of: node)
    }
  }
}
