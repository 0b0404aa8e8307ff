extension Rule {
  /// Reductions over the dimensions where the transposed ones came from.
  static let sinkThroughReduction = Rule("sink transpose through reduction") { match in
    let isSearch = match.kind == .argMax || match.kind == .argMin
    guard isSearch || reductions.contains(match.kind), let (source, permutation) = match.transposed(match.input(0)),
      let axes = match.integers(match.input(1))
    else { return nil }
    let rank = permutation.count
    let normalized = axes.map { $0 < 0 ? $0 + rank : $0 }
    guard normalized.allSatisfy({ permutation.indices.contains($0) }) else { return nil }
    let output = match.graph[match.output]
    let moved = normalized.map { permutation[$0] }
    var patch = Patch(match)
    let axesValue = patch.integers(isSearch ? moved : moved.sorted(), shape: match.value(1)?.shape)
    if !isSearch, match.node.operation.bool(0) {
      let shape = Permutation.inverse(permutation).map { output.shape[$0] }
      let result = patch.emit(match.node.operation, [source, axesValue], like: output, shape: shape)
      let back = patch.transpose(result, permutation)
      patch.replace(match.output, with: back)
      return patch
    }
    // The dimensions that stay, in the order of the source and in that of the result.
    let kept = permutation.filter { !moved.contains($0) }
    let order = kept.sorted()
    let back = kept.compactMap { order.firstIndex(of: $0) }
    let shape = Permutation.inverse(back).map { output.shape[$0] }
    let result = patch.emit(match.node.operation, [source, axesValue], like: output, shape: shape)
    let final = patch.transpose(result, back)
    patch.replace(match.output, with: final)
    return patch
  }

  private static let reductions: Set<OperatorKind> = [.mean, .sum, .reduceMax, .reduceMin, .reduceProd]
}
