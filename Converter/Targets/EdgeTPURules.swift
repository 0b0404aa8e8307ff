internal import ModelFormat

/// The limits of single operators in the list of those that the Edge TPU has (coral.ai, "Supported operations").
enum EdgeTPURules {
  /// The most elements of a softmax.
  private static let softmaxLimit = 16000

  /// What keeps an operator on the processor whose types and shapes fit; `nil` when nothing does.
  static func obstacle(_ node: Node, _ graph: Graph) -> String? {
    let operation = node.operation
    switch operation.kind {
    case .conv2D:
      let dilations = operation.dilations
      return dilations.width == dilations.height ? weights(node, graph) : "its dilations differ by axis"
    case .depthwiseConv2D:
      return operation.dilations == Extent(1, 1) ? weights(node, graph) : "it is dilated"
    case .fullyConnected, .transposeConv: return weights(node, graph)
    case .averagePool2D, .maxPool2D: return operation.activation == .none ? nil : "it has a fused activation"
    case .concatenation:
      if operation.activation != .none { return "it has a fused activation" }
      return node.inputs.contains { $0.map { graph[$0].isConstant } ?? false } ? "one of its operands is constant" : nil
    case .softmax:
      let count = node.inputs.first.flatMap { $0 }.map { graph[$0].count } ?? 0
      let last = node.inputs.first.flatMap { $0 }.flatMap { graph[$0].shape.last } ?? 0
      if count != last { return "it has more than one row" }
      return count <= softmaxLimit ? nil : "it has \(count) elements, expected at most \(softmaxLimit)"
    case .mean, .sum, .reduceMax, .reduceMin: return reduction(node, graph)
    case .pad: return padding(node, graph)
    case .pack: return operation.int(1) == 0 ? "it packs the batch dimension" : nil
    case .split, .splitV: return nil
    case .stridedSlice:
      let strides = constant(node, 3, graph)
      return strides?.allSatisfy { $0 == 1 } ?? false ? nil : "its strides are not all 1"
    case .prelu:
      guard let slopes = node.inputs.count > 1 ? node.inputs[1] : nil else { return nil }
      return graph[slopes].shape.dropLast().allSatisfy { $0 == 1 } ? nil : "its slopes have more than one dimension"
    default: return nil
    }
  }

  private static func weights(_ node: Node, _ graph: Graph) -> String? {
    for position in [1, node.operation.kind == .transposeConv ? 3 : 2] where node.inputs.indices.contains(position) {
      if let input = node.inputs[position], !graph[input].isConstant { return "its weights or biases are computed" }
    }
    return nil
  }

  private static func reduction(_ node: Node, _ graph: Graph) -> String? {
    guard let axes = constant(node, 1, graph), let input = node.inputs[0] else { return "its axes are computed" }
    let rank = graph[input].shape.count
    return axes.contains { $0 == 0 || $0 == -rank } && rank > 1 ? "it reduces the batch dimension" : nil
  }

  private static func padding(_ node: Node, _ graph: Graph) -> String? {
    guard let widths = constant(node, 1, graph), let input = node.inputs[0] else { return "its widths are computed" }
    return graph[input].shape.count == 4 && widths.prefix(2).contains { $0 != 0 } ? "it pads the batch dimension" : nil
  }

  private static func constant(_ node: Node, _ position: Int, _ graph: Graph) -> [Int]? {
    guard node.inputs.indices.contains(position), let id = node.inputs[position],
      graph[id].type == .int32
    else { return nil }
    return graph[id].constant?.elements(as: Int32.self).map { Int($0) }
  }
}
