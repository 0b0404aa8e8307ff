import ModelFormat

extension Fusion {
  /// RELU and its kin on float32 behind nothing but one layer without an activation of its own become the layer's limits:
  /// one pass over the tensor less. The kernels of both limit alike, NaN and the sign of zero included.
  static func foldActivations(in preparation: SubgraphPreparation) {
    let graph = preparation.graph
    guard graph.nodes.contains(where: { ActivationLimits(of: $0.code.builtin) != nil }) else { return }
    let readers = graph.readers()
    /// By tensor: the node that writes it and could limit it; -1 for none.
    var writers = Array(repeating: -1, count: graph.tensors.count)
    for index in graph.nodes.indices where graph.nodes[index].isFusible {
      let node = graph.nodes[index]
      if let limits = ActivationLimits(of: node.code.builtin), let input = node.inputs.first, input >= 0,
        writers[input] >= 0,
        readers[input].count == 1, graph.isInternal(input), let output = node.outputs.first, output >= 0,
        case .activation = graph.tensors[output].storage, graph.tensors[output].type == .float32
      {
        let layer = graph.nodes[writers[input]]
        layer.outputs[0] = output
        layer.foldedLimits = limits
        node.isRemoved = true
      } else if node.outputs.count == 1, let output = node.outputs.first, output >= 0,
        graph.tensors[output].type == .float32, let field = activationField(node.code.builtin),
        node.options.int8(field) == 0
      {
        writers[output] = index
      }
    }
  }

  /// The field of its options in which an operator has its activation; `nil` for those that have none.
  private static func activationField(_ code: Int) -> Int? {
    switch code {
    case Code.add, Code.sub, Code.mul, Code.div, Code.fullyConnected: 0
    case Code.conv2D, Code.transposeConv: 3
    case Code.depthwiseConv2D: 4
    default: nil
    }
  }
}
