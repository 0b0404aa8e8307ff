extension Rule {
  /// Operators along the last dimension, when the transpose leaves it last.
  static let sinkThroughLastDimension = Rule("sink transpose through layers along the last dimension") { match in
    guard lastDimension.contains(match.kind), let (source, permutation) = match.transposed(match.input(0)),
      let last = permutation.last, last == permutation.count - 1
    else { return nil }
    if match.kind == .fullyConnected && !match.node.operation.bool(2) { return nil }
    let output = match.graph[match.output]
    guard output.shape.count == permutation.count else { return nil }
    var patch = Patch(match)
    let shape = Permutation.inverse(permutation).map { output.shape[$0] }
    let result = patch.emit(
      match.node.operation, [source] + match.node.inputs.dropFirst(), like: output, shape: shape)
    let back = patch.transpose(result, permutation)
    patch.replace(match.output, with: back)
    return patch
  }

  private static let lastDimension: Set<OperatorKind> = [.softmax, .logSoftmax, .l2Normalization, .fullyConnected]
}
