import ModelFormat

/// SPLIT: equal parts along an axis. Inputs: the axis, a constant scalar; data. Option: `num_splits`, the number of
/// outputs, which divides the dimension.
package enum Split: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: max(1, node.outputCount))
    let input = try node.input(1)
    let axis = try node.axis(fromInput: 0, in: input.shape)
    let parts = node.outputCount
    guard node.options.int32(0) == parts else {
      throw PrepareError(.optionInvalid, field: "num_splits", found: .int(node.options.int32(0)), expected: .int(parts))
    }
    guard input.shape[axis] % parts == 0 else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "split dimension", found: .int(input.shape[axis]),
        remedy: "it has to be a multiple of the number of outputs")
    }
    for position in 0..<parts {
      try node.setOutput(position, shape: input.shape.replacing(axis, with: input.shape[axis] / parts))
    }
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let input = try node.input(1)
    try moves.split(input, operand: 1, along: try node.axis(fromInput: 0, in: input.shape), node)
  }
}

extension Moves {
  /// Gives every output its part of `input`, one behind another along `axis`.
  mutating func split(
    _ input: Tensor, operand: Int, along axis: Int, _ node: Node
  ) throws(PrepareError) {
    let rows = input.shape.count(of: 0..<axis)
    let inner = input.shape.count(of: axis + 1..<input.rank) &* (input.type.bitWidth / 8)
    let inputStride = inner &* input.shape[axis]
    var offset = 0
    for position in 0..<node.outputCount {
      _ = try node.movedElementBytes(input, toOutput: position, operand: operand)
      let output = try node.output(position)
      let rowBytes = output.shape.count(of: axis..<output.rank) &* (output.type.bitWidth / 8)
      let copy = StridedCopy(
        rows: rows, of: rowBytes, sourceStride: inputStride, destinationStride: rowBytes, sourceOffset: offset)
      add(copy, from: input, to: output, of: node)
      offset += rowBytes
    }
  }
}
