internal import ModelFormat

extension Rule {
  /// Layers that hand their input through: casts to the same type, reshapes to the same shape, slices of everything,
  /// paddings of nothing, sums with zero, products with one.
  static let removeIdentity = Rule("remove layers without effect") { match in
    guard let source = identitySource(match), match.node.outputs.count == 1 else { return nil }
    let (input, output) = (match.graph[source], match.graph[match.output])
    guard input.shape == output.shape, input.type == output.type, input.quantization == output.quantization else {
      return nil
    }
    return Patch(match, replacingOutputWith: source)
  }

  private static func identitySource(_ match: Match) -> ValueID? {
    let (node, graph) = (match.node, match.graph)
    switch match.kind {
    case .reshape, .squeeze, .expandDims, .cast, .broadcastTo, .slice, .tile, .pad, .padV2, .mirrorPad:
      return node.inputs[0]
    case .transpose:
      return match.integers(node.inputs[1]).map(Permutation.isIdentity) == true ? node.inputs[0] : nil
    case .stridedSlice:
      return match.integers(node.inputs[3])?.allSatisfy { $0 == 1 } == true ? node.inputs[0] : nil
    case .concatenation: return node.inputs.count == 1 && node.operation.activation == .none ? node.inputs[0] : nil
    case .add, .mul:
      guard node.operation.activation == .none, let (data, constant) = match.withConstant(node),
        let elements = match.floats(constant)
      else { return nil }
      let neutral: Float = match.kind == .add ? 0 : 1
      return elements.allSatisfy { $0 == neutral } ? data : nil
    case .relu:
      // What follows a clamp from zero.
      let before = graph.producer(of: node.inputs[0] ?? match.output)?.node.operation.kind
      return [.relu, .relu6].contains(before) ? node.inputs[0] : nil
    default: return nil
    }
  }
}
