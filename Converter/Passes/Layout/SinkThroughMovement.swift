extension Rule {
  /// Slices, paddings and the like along the dimensions where the transposed ones came from.
  static let sinkThroughMovement = Rule("sink transpose through slices and padding") { match in
    guard let (source, permutation) = match.transposed(match.input(0)) else { return nil }
    let inverse = Permutation.inverse(permutation)
    let output = match.graph[match.output]
    guard output.shape.count == permutation.count else { return nil }
    var patch = Patch(match)
    guard let (operation, parameters) = parameters(match, permutation, inverse, &patch) else { return nil }
    let result = patch.emit(operation, [source] + parameters, like: output, shape: inverse.map { output.shape[$0] })
    let back = patch.transpose(result, permutation)
    patch.replace(match.output, with: back)
    return patch
  }

  /// The operation and its operands beside the data, for data before the transpose.
  private static func parameters(
    _ match: Match, _ permutation: [Int], _ inverse: [Int], _ patch: inout Patch
  ) -> (Operation, [ValueID?])? {
    let operation = match.node.operation
    func permuted(_ index: Int) -> ValueID? {
      guard let elements = match.integers(match.input(index)), elements.count == permutation.count else { return nil }
      return patch.integers(inverse.map { elements[$0] })
    }
    switch match.kind {
    case .slice:
      guard let begin = permuted(1), let size = permuted(2) else { return nil }
      return (operation, [begin, size])
    case .stridedSlice:
      guard (0..<5).allSatisfy({ operation.int($0) == 0 }), let begin = permuted(1), let end = permuted(2),
        let strides = permuted(3)
      else { return nil }
      return (operation, [begin, end, strides])
    case .tile: return permuted(1).map { (operation, [$0]) }
    case .pad, .padV2, .mirrorPad:
      guard let amounts = match.integers(match.input(1)), amounts.count == 2 * permutation.count else { return nil }
      let moved = inverse.flatMap { [amounts[2 * $0], amounts[2 * $0 + 1]] }
      return (operation, [patch.integers(moved, shape: [permutation.count, 2])] + match.node.inputs.dropFirst(2))
    case .reverse:
      guard let axes = match.integers(match.input(1)), axes.allSatisfy({ permutation.indices.contains($0) }) else {
        return nil
      }
      return (operation, [patch.integers(axes.map { permutation[$0] })])
    case .gather:
      let axis = operation.int(0)
      guard match.value(1)?.isConstant == true, match.value(1)?.shape.count == 1, operation.int(1) == 0,
        permutation.indices.contains(axis)
      else { return nil }
      return (.gather(axis: permutation[axis]), [match.input(1)])
    default: return nil
    }
  }
}
