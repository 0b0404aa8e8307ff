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
}
