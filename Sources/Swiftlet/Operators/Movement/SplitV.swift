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
    for (position, size) in try sizes(node, dimension: input.shape[axis]).enumerated() {
      try node.setOutput(position, shape: input.shape.replacing(axis, with: size))
    }
  }

  private static func sizes(_ node: Node, dimension: Int) throws(PrepareError) -> [Int] {
    var sizes = try node.shapeIntegers(1, count: node.outputCount)
    let unknown = sizes.firstIndex(of: -1)
    if let unknown { sizes[unknown] = 0 }
    if let negative = sizes.first(where: { $0 < 0 }) {
      throw PrepareError(
        .valueInvalid, .input(1), field: "size", found: .int(negative), remedy: "at most one size may be -1")
    }
    let sum = sizes.reduce(0) { $0.addingSaturated($1) }
    guard unknown == nil ? sum == dimension : sum <= dimension else {
      throw PrepareError(
        .valueInvalid, .input(1), field: "sum of the sizes", found: .int(sum), expected: .int(dimension))
    }
    if let unknown { sizes[unknown] = dimension - sum }
    return sizes
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Moves {
    let input = try node.input(0)
    return try Moves(splitting: input, operand: 0, along: try node.axis(fromInput: 2, in: input.shape), node)
  }
}
