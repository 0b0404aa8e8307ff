import ModelFormat

extension Fusion {
  /// QUANTIZE between equal types, scales and zero points copies its input: its readers take the input instead.
  static func removeIdentityQuantize(in preparation: SubgraphPreparation) {
    let graph = preparation.graph
    guard graph.nodes.contains(where: { $0.code.builtin == Code.quantize }) else { return }
    /// By tensor: what its readers read instead; -1 for the tensor itself.
    var replacements = Array(repeating: -1, count: graph.tensors.count)
    for index in graph.nodes.indices where !graph.nodes[index].isRemoved {
      for position in graph.nodes[index].inputs.indices {
        let input = graph.nodes[index].inputs[position]
        if input >= 0, replacements[input] >= 0 { graph.nodes[index].inputs[position] = replacements[input] }
      }
      guard graph.nodes[index].isFusible, graph.nodes[index].code.builtin == Code.quantize,
        graph.nodes[index].inputs.count == 1,
        graph.nodes[index].outputs.count == 1, let output = graph.nodes[index].outputs.first, output >= 0,
        graph.isInternal(output), copies(Node(preparation: preparation, index: index))
      else { continue }
      replacements[output] = graph.nodes[index].inputs[0]
      graph.nodes[index].isRemoved = true
    }
  }

  private static func copies(_ quantize: Node) -> Bool {
    guard let input = try? quantize.input(0), let output = try? quantize.output(0) else { return false }
    guard input.type == .int8 || input.type == .uint8 || input.type == .int16, !input.isVariable else { return false }
    return input.type == output.type && input.shape == output.shape && input.scale == output.scale
      && input.zeroPoint == output.zeroPoint && input.scale > 0
      && input.quantization?.scales.count == 1 && output.quantization?.scales.count == 1
  }
}
