import ModelFormat

/// MATRIX_DIAG: each row of the input as the diagonal of a square matrix, zeros elsewhere.
package enum MatrixDiagonal: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    let shape = try node.input(0).shape
    guard shape.rank >= 1 else {
      throw PrepareError(.shapeMismatch, .input(0), field: "rank", found: .int(0), expected: .int(1))
    }
    try node.setOutput(0, shape: shape.inserting(shape.last, at: shape.rank))
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, output) = (try node.input(0), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    moves.add(
      StridedCopy(repeatingElementOf: bytes, count: output.count),
      from: unsafe try node.packed(bytes) { memory in
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      }, to: node.operand(output))
    moves.add(diagonal(of: output.shape, bytes), from: node.operand(input), to: node.operand(output))
  }

  /// The copy of a dense diagonal into matrices of `shape`.
  static func diagonal(of shape: Shape, _ bytes: Int) -> StridedCopy {
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let length = min(rows, columns)
    return StridedCopy(2, elementBytes: bytes) { loop in
      loop == 0
        ? .init(shape.count(of: 0..<shape.rank - 2), source: length &* bytes, destination: rows &* columns &* bytes)
        : .init(length, source: bytes, destination: (columns &+ 1) &* bytes)
    }
  }
}

/// MATRIX_SET_DIAG: input 0 with the diagonals of its last two dimensions replaced by input 1.
package enum MatrixSetDiagonal: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let (matrices, diagonals) = (try node.input(0).shape, try node.input(1).shape)
    guard matrices.rank >= 2 else {
      throw PrepareError(.shapeMismatch, .input(0), field: "rank", found: .int(matrices.rank), expected: .int(2))
    }
    let length = min(matrices.last, matrices[matrices.rank - 2])
    let expected = matrices.removing(matrices.rank - 1)?.replacing(matrices.rank - 2, with: length)
    guard diagonals == expected else {
      throw PrepareError(
        .shapeMismatch, .input(1), found: .shape(diagonals), expected: expected.map { .shape($0) } ?? .none)
    }
    try node.setOutput(0, shape: matrices)
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let (input, diagonals, output) = (try node.input(0), try node.input(1), try node.output(0))
    let bytes = try node.movedElementBytes(input)
    _ = try node.movedElementBytes(diagonals, operand: 1)
    moves.add(
      StridedCopy(1, elementBytes: bytes) { _ in .init(output.count, source: bytes, destination: bytes) },
      from: node.operand(input), to: node.operand(output))
    moves.add(MatrixDiagonal.diagonal(of: output.shape, bytes), from: node.operand(diagonals), to: node.operand(output))
  }
}
