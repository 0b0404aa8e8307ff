extension Rule {
  /// CONCATENATION of transposed tensors is the transposed CONCATENATION; where most inputs are transposed, the others are
  /// transposed back.
  static let sinkThroughConcatenation = Rule("sink transpose through concatenation") { match in
    guard match.kind == .concatenation else { return nil }
    let permutations = match.node.inputs.compactMap { match.transposed($0)?.permutation }
    guard let permutation = permutations.first, permutations.allSatisfy({ $0 == permutation }),
      2 * permutations.count > match.node.inputs.count
    else { return nil }
    let inverse = Permutation.inverse(permutation)
    let output = match.graph[match.output]
    var axis = match.node.operation.int(0)
    if axis < 0 { axis += permutation.count }
    guard permutation.indices.contains(axis) else { return nil }
    var patch = Patch(match)
    let operands = match.node.inputs.map { input -> ValueID? in
      guard let input else { return nil }
      return match.transposed(input)?.source ?? patch.transpose(input, inverse)
    }
    var operation = match.node.operation
    operation.options[0] = .int32(Int32(permutation[axis]))
    let result = patch.emit(operation, operands, like: output, shape: inverse.map { output.shape[$0] })
    let back = patch.transpose(result, permutation)
    patch.replace(match.output, with: back)
    return patch
  }
}
