extension Rule {
  /// A chain of reshapes and transposes becomes the shortest one that does the same.
  static let collapseViews = Rule("collapse reshapes and transposes") { match in
    guard match.kind == .reshape || match.kind == .transpose,
      let (source, chain, steps) = match.viewChain(to: match.output),
      steps > 1
    else { return nil }
    var patch = Patch(match)
    let result = patch.view(source, chain)
    guard patch.nodes.count < steps else { return nil }
    patch.replace(match.output, with: result)
    return patch
  }

  /// A view whose channels come last in its source ends with the transpose that the next convolution undoes, so that it can
  /// sink through what lies in between.
  static let pictureAfterViews = Rule("end reshapes and transposes with channels moved") { match in
    guard match.kind == .reshape, let (source, chain, steps) = match.viewChain(to: match.output), steps > 1,
      chain.channelsLast != nil, chain.permutation(of: match.graph[source].shape) == nil,
      !match.graph.consumers(of: match.output).contains(where: { isView($0, match) })
    else { return nil }
    var patch = Patch(match)
    let result = patch.view(source, chain)
    guard patch.nodes.count <= steps + 1 else { return nil }
    patch.replace(match.output, with: result)
    return patch
  }

  private static func isView(_ id: NodeID, _ match: Match) -> Bool {
    match.graph[id].map { [.reshape, .transpose].contains($0.operation.kind) } ?? false
  }

  /// One element along a dimension of a view, where that dimension is part of a dimension of the source: a strided slice
  /// of the source. Channel shuffles turn into slices this way.
  static let selectThroughViews = Rule("select before reshape and transpose") { match in
    guard let selection = selection(match), let input = match.input(0),
      let (source, chain, steps) = match.viewChain(to: input), steps > 1
    else { return nil }
    let selected = chain.groups[selection.axis]
    guard selected.count == 1, let factor = selected.first else { return nil }
    let dimension = chain.dimensions[factor]
    let siblings = chain.dimensions.indices.filter { chain.dimensions[$0] == dimension }
    let shape = match.graph[source].shape
    let inner = siblings.filter { $0 > factor }.reduce(1) { $0 * chain.factors[$1] }
    let outer = siblings.filter { $0 < factor }.reduce(1) { $0 * chain.factors[$1] }
    guard inner == 1 || outer == 1 else { return nil }
    var patch = Patch(match)
    var begin = Array(repeating: 0, count: shape.count)
    var end = shape
    var strides = Array(repeating: 1, count: shape.count)
    begin[dimension] = selection.index * inner
    if inner == 1 {
      strides[dimension] = chain.factors[factor]
      end[dimension] = begin[dimension] + (outer - 1) * strides[dimension] + 1
    } else {
      end[dimension] = begin[dimension] + inner
    }
    var cut = shape
    cut[dimension] = inner * outer
    let part = patch.emit(
      .stridedSlice(), [source, patch.integers(begin), patch.integers(end), patch.integers(strides)],
      like: match.graph[source], shape: cut)
    let rest = chain.dropping([factor], shape: match.graph[match.output].shape)
    let result = patch.view(part, rest.chain)
    patch.replace(match.output, with: result)
    return patch
  }

  /// GATHER with one constant index, or a SLICE of one.
  private static func selection(_ match: Match) -> (axis: Int, index: Int)? {
    switch match.kind {
    case .gather:
      guard match.node.operation.int(1) == 0, let indices = match.integers(match.input(1)), indices.count == 1,
        let shape = match.value(0)?.shape, shape.indices.contains(match.node.operation.int(0))
      else { return nil }
      return (match.node.operation.int(0), indices[0])
    case .slice:
      guard let begin = match.integers(match.input(1)), let shape = match.value(0)?.shape else { return nil }
      let target = match.graph[match.output].shape
      let cut = shape.indices.filter { shape[$0] != target[$0] }
      guard cut.count == 1, target[cut[0]] == 1 else { return nil }
      return (cut[0], begin[cut[0]])
    default: return nil
    }
  }
}
