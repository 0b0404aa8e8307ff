extension Rule {
  /// TRANSPOSE of TRANSPOSE is one TRANSPOSE, or nothing.
  static let mergeTransposes = Rule("merge transposes") { match in
    guard match.kind == .transpose, let outer = match.integers(match.input(1)),
      let (source, inner) = match.transposed(match.input(0))
    else { return nil }
    var patch = Patch(match)
    let result = patch.transpose(source, Permutation.composed(inner, outer))
    patch.replace(match.output, with: result)
    return patch
  }

  /// A TRANSPOSE that only moves dimensions of one is a RESHAPE.
  static let transposeAsReshape = Rule("transpose as reshape") { match in
    guard match.kind == .transpose, let input = match.input(0), let permutation = match.integers(match.input(1)),
      Permutation.movesOnlyOnes(permutation, shape: match.graph[input].shape)
    else { return nil }
    var patch = Patch(match)
    let result = patch.reshape(input, match.graph[match.output].shape)
    patch.replace(match.output, with: result)
    return patch
  }

  /// RESHAPE of a TRANSPOSE that only moves dimensions of one.
  static let reshapeOfTranspose = Rule("merge transpose into reshape") { match in
    guard match.kind == .reshape, let (source, permutation) = match.transposed(match.input(0)),
      Permutation.movesOnlyOnes(permutation, shape: match.graph[source].shape)
    else { return nil }
    var patch = Patch(match)
    let result = patch.reshape(source, match.graph[match.output].shape)
    patch.replace(match.output, with: result)
    return patch
  }

  /// A TRANSPOSE before a RESHAPE that only splits and merges dimensions which lie together in the source goes behind it.
  static let sinkThroughReshape = Rule("sink transpose through reshape") { match in
    guard match.kind == .reshape, let input = match.input(0), match.graph.hasSingleUse(input),
      let (source, permutation) = match.transposed(input)
    else { return nil }
    let (shape, target) = (match.graph[source].shape, match.graph[match.output].shape)
    var chain = ViewChain(shape: shape)
    chain.transpose(permutation)
    guard !shape.contains(0), target.count > 1, target.count <= 5, chain.reshape(target),
      shape.filter({ $0 != 1 }).sorted() != target.filter({ $0 != 1 }).sorted(), let order = chain.wholeDimensions
    else { return nil }
    var patch = Patch(match)
    let moved = patch.reshape(source, order.map { target[$0] })
    patch.replace(match.output, with: patch.transpose(moved, Permutation.inverse(order)))
    return patch
  }

  /// A TRANSPOSE that nothing has undone goes back before a padding, so that the layer that reads it can take the padding.
  static let raiseThroughPadding = Rule("raise transpose through padding") { match in
    guard match.kind == .transpose, let permutation = match.integers(match.input(1)), permutation.count == 4,
      let pad = match.onlyProducer(of: match.input(0), .pad, .padV2), let source = pad.inputs[0],
      let amounts = match.integers(pad.inputs[1]), amounts.count == 8, !match.graph.outputs.contains(match.output),
      match.graph.consumers(of: match.output).allSatisfy({ takesPadding($0, match) })
    else { return nil }
    var patch = Patch(match)
    let moved = patch.transpose(source, permutation)
    let order = patch.integers(permutation.flatMap { [amounts[2 * $0], amounts[2 * $0 + 1]] }, shape: [4, 2])
    let result = patch.emit(
      pad.operation, [moved, order] + pad.inputs.dropFirst(2), like: match.graph[match.output])
    patch.replace(match.output, with: result)
    return patch
  }

  private static func takesPadding(_ id: NodeID, _ match: Match) -> Bool {
    match.graph[id].map { [.conv2D, .depthwiseConv2D, .maxPool2D].contains($0.operation.kind) } ?? false
  }
}
