import ModelFormat

/// SPLIT_V: parts of given sizes along an axis.
///
/// Inputs: data; the sizes, a constant vector of one for each output, of which one may be -1 for the rest; the axis, a
/// constant scalar.
package enum SplitV: MovementOperator {
  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: max(1, node.outputCount))
    let input = try node.input(0)
    let axis = try node.axis(fromInput: 2, in: input.shape)
    guard node.options.int32(0) == node.outputCount else {
      throw PrepareError(
        .optionInvalid, field: "num_splits", found: .int(node.options.int32(0)), expected: .int(node.outputCount))
    }
    let rest = try rest(node, dimension: input.shape[axis])
    let sizes = try node.shapeIntegers(1)
    for position in 0..<sizes.count {
      try node.setOutput(
        position, shape: input.shape.replacing(axis, with: sizes[position] == -1 ? rest : sizes[position]))
    }
  }

  /// What the size of -1 stands for; the sizes are checked.
  private static func rest(_ node: Node, dimension: Int) throws(PrepareError) -> Int {
    let sizes = try node.shapeIntegers(1, count: node.outputCount)
    var unknown: Int?
    var sum = 0
    for position in 0..<sizes.count {
      if sizes[position] == -1 && unknown == nil {
        unknown = position
        continue
      }
      guard sizes[position] >= 0 else {
        throw PrepareError(
          .valueInvalid, .input(1), field: "size", found: .int(sizes[position]), remedy: "at most one size may be -1")
      }
      sum = sum.addingSaturated(sizes[position])
    }
    guard unknown == nil ? sum == dimension : sum <= dimension else {
      throw PrepareError(
        .valueInvalid, .input(1), field: "sum of the sizes", found: .int(sum), expected: .int(dimension))
    }
    return dimension - sum
  }

  package static func add(to moves: inout Moves, _ node: Node) throws(PrepareError) {
    let input = try node.input(0)
    try moves.split(input, operand: 0, along: try node.axis(fromInput: 2, in: input.shape), node)
  }
}
