internal import ModelFormat

extension Rule {
  /// FULLY_CONNECTED on a flattened, transposed picture: the weights are permuted instead.
  static let permuteFullyConnected = Rule("permute weights of fully connected layer") { match in
    guard match.kind == .fullyConnected, let weights = match.input(1), match.graph[weights].isConstant,
      match.graph[weights].quantization == nil, match.graph[weights].type.bitWidth >= 8,
      let reshape = match.producer(of: match.input(0), .reshape), let flat = match.input(0),
      let (source, permutation) = match.transposed(reshape.inputs[0])
    else { return nil }
    let shape = match.graph[source].shape
    let outputs = match.graph[weights].shape[0]
    guard permutation.count > 1, permutation[0] == 0, match.graph[flat].shape == [shape[0], shape[1...].reduce(1, *)]
    else { return nil }
    let inner = permutation.dropFirst().map { $0 - 1 }
    var patch = Patch(match)
    let wide = patch.reshape(weights, [outputs] + inner.map { shape[$0 + 1] })
    let moved = patch.transpose(wide, [0] + Permutation.inverse(inner).map { $0 + 1 })
    let matrix = patch.reshape(moved, match.graph[weights].shape)
    let data = patch.reshape(source, match.graph[flat].shape)
    let output = match.graph[match.output]
    let result = patch.emit(
      match.node.operation, [data, matrix] + match.node.inputs.dropFirst(2), like: output)
    patch.replace(match.output, with: result)
    return patch
  }
}
