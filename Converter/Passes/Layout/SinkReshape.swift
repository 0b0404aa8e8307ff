internal import ModelFormat

extension Rule {
  /// A RESHAPE that only adds or drops dimensions of one goes behind an elementwise layer: a convolution along one
  /// dimension and what follows it meet.
  static let sinkReshape = Rule("sink reshape through elementwise layers") { match in
    guard elementwise.contains(match.kind), match.kind != .prelu, match.node.outputs.count == 1,
      let position = match.node.inputs.indices.first(where: { reshaped(match, match.node.inputs[$0]) != nil }),
      let source = reshaped(match, match.node.inputs[position])
    else { return nil }
    let shape = match.graph[source].shape
    let output = match.graph[match.output]
    guard shape.filter({ $0 != 1 }) == output.shape.filter({ $0 != 1 }),
      output.shape == match.value(position)?.shape
    else { return nil }
    var patch = Patch(match)
    var operands: [ValueID?] = []
    for input in match.node.inputs {
      guard let input, let operand = unreshaped(input, match, &patch, to: shape, from: output.shape) else { return nil }
      operands.append(operand)
    }
    let result = patch.emit(match.node.operation, operands, like: output, shape: shape)
    patch.replace(match.output, with: patch.reshape(result, output.shape))
    return patch
  }

  /// What the RESHAPE reads that computes `value` for this reader alone.
  private static func reshaped(_ match: Match, _ value: ValueID?) -> ValueID? {
    guard let node = match.onlyProducer(of: value, .reshape), let source = node.inputs[0],
      !match.graph[source].isConstant
    else { return nil }
    return source
  }

  /// The operand for data of `shape`, which was reshaped to `target`; `nil` where that would take a further layer.
  private static func unreshaped(
    _ input: ValueID, _ match: Match, _ patch: inout Patch, to shape: [Int], from target: [Int]
  ) -> ValueID? {
    let value = match.graph[input]
    if value.count == 1 && value.shape.count <= 1 { return input }
    if let source = reshaped(match, input), value.shape == target {
      return match.graph[source].shape == shape ? source : nil
    }
    guard value.isConstant, value.shape.count <= target.count else { return nil }
    let padded = Array(repeating: 1, count: target.count - value.shape.count) + value.shape
    var extents = target.indices.filter { target[$0] != 1 }.map { padded[$0] }
    guard padded.filter({ $0 != 1 }) == extents.filter({ $0 != 1 }) else { return nil }
    let moved = shape.map { $0 == 1 ? 1 : extents.removeFirst() }
    return patch.reshape(input, Array(moved.drop { $0 == 1 }))
  }
}
