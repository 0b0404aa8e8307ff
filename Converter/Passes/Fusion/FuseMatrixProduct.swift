internal import ModelFormat

extension Rule {
  /// BATCH_MATMUL reads a matrix whose last two dimensions a TRANSPOSE exchanged as it was before.
  static let fuseMatrixTranspose = Rule("fuse transpose into matrix product") { match in
    guard match.kind == .batchMatMul else { return nil }
    var inputs = match.node.inputs
    var flags = [match.node.operation.bool(0), match.node.operation.bool(1)]
    // The left matrix is read row by row: exchanging it there saves nothing.
    guard let (source, permutation) = match.transposed(inputs[1]), permutation.count >= 2, let right = inputs[1],
      match.graph.hasSingleUse(right)
    else { return nil }
    let rank = permutation.count
    guard permutation.prefix(rank - 2).elementsEqual(0..<(rank - 2)), permutation.suffix(2) == [rank - 1, rank - 2]
    else { return nil }
    inputs[1] = source
    flags[1].toggle()
    var operation = match.node.operation
    operation.options[1] = .bool(flags[1])
    var patch = Patch(match)
    patch.replace(match.output, with: patch.emit(operation, inputs, like: match.graph[match.output]))
    return patch
  }

  /// Both operands of BATCH_MATMUL multiplied by a number: one product, of the one with fewer elements.
  static let mergeMatrixScales = Rule("merge scales of matrix product") { match in
    guard match.kind == .batchMatMul, match.graph[match.output].type == .float32,
      let (left, first) = scaled(match, match.input(0)), let (right, second) = scaled(match, match.input(1)),
      (first * second).isNormal
    else { return nil }
    var patch = Patch(match)
    var operands = [left, right]
    let smaller = match.graph[left].count <= match.graph[right].count ? 0 : 1
    let number = patch.floats([first * second], shape: [], name: "\(match.graph[match.output].name)/scale")
    operands[smaller] = patch.emit(
      .arithmetic(.mul), [operands[smaller], number], like: match.graph[operands[smaller]])
    patch.replace(match.output, with: patch.emit(match.node.operation, operands, like: match.graph[match.output]))
    return patch
  }

  /// What is multiplied by a number, for this reader alone.
  private static func scaled(_ match: Match, _ value: ValueID?) -> (ValueID, Float)? {
    guard let product = match.onlyProducer(of: value, .mul), product.operation.activation == .none,
      let (data, constant) = match.withConstant(product), let number = match.number(constant),
      match.graph[data].shape == value.map({ match.graph[$0].shape })
    else { return nil }
    return (data, number)
  }
}
