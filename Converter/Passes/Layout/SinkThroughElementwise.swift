internal import ModelFormat

extension Rule {
  /// A TRANSPOSE before operators that work element by element goes behind them. Constants are permuted; operands with
  /// one dimension other than one are reshaped.
  static let sinkThroughElementwise = Rule("sink transpose through elementwise layers") { match in
    guard elementwise.contains(match.kind), match.node.outputs.count == 1,
      let permutation = match.node.inputs.lazy.compactMap({ match.transposed($0)?.permutation }).first
    else { return nil }
    let output = match.graph[match.output]
    guard output.shape.count == permutation.count else { return nil }
    let inverse = Permutation.inverse(permutation)
    var patch = Patch(match)
    var operands: [ValueID?] = []
    for input in match.node.inputs {
      guard let input, let operand = untransposed(input, match, &patch, permutation, inverse) else { return nil }
      operands.append(operand)
    }
    let result = patch.emit(match.node.operation, operands, like: output, shape: inverse.map { output.shape[$0] })
    let back = patch.transpose(result, permutation)
    patch.replace(match.output, with: back)
    return patch
  }

  /// What `input` is before a transpose by `permutation`; `nil` when a further transpose would be needed.
  private static func untransposed(
    _ input: ValueID, _ match: Match, _ patch: inout Patch, _ permutation: [Int], _ inverse: [Int]
  ) -> ValueID? {
    if let (source, other) = match.transposed(input), other == permutation { return source }
    let value = match.graph[input]
    if value.count == 1 && value.shape.count <= 1 { return input }
    // PRELU's slopes lack the batch dimension, which no transpose may then move.
    guard value.shape.count <= permutation.count else { return nil }
    let isSlope = match.kind == .prelu && input == match.input(1)
    if isSlope && permutation[0] != 0 { return nil }
    let padded = Array(repeating: 1, count: permutation.count - value.shape.count) + value.shape
    guard value.isConstant || Permutation.movesOnlyOnes(inverse, shape: padded) else { return nil }
    let target = inverse.map { padded[$0] }
    let moved =
      value.isConstant
      ? patch.transpose(patch.reshape(input, padded), inverse) : patch.reshape(input, target)
    guard value.isConstant else { return moved }
    let rank = isSlope ? permutation.count - 1 : max(1, target.count - (target.firstIndex { $0 != 1 } ?? target.count))
    return patch.reshape(moved, Array(target.suffix(rank)))
  }

  /// Operators whose output has at each place what they make of their inputs there.
  static let elementwise: Set<OperatorKind> = ShapeRules.keepsShape
    .subtracting([.softmax, .logSoftmax, .l2Normalization, .localResponseNormalization, .quantize, .dequantize])
    .union([
      .add, .sub, .mul, .div, .maximum, .minimum, .pow, .squaredDifference, .equal, .notEqual, .less, .lessEqual,
      .greater, .greaterEqual, .logicalAnd, .logicalOr, .floorDiv, .floorMod, .atan2, .selectV2, .prelu,
    ])
}
