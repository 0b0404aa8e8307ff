/// A mean of squares whose root a normalization divides by. One element far from the others makes the grid of the squares
/// so coarse that those of the others all become 0.
enum Variance {
  /// The node of the root, or of one over it, the squares and what lies between them; empty where `id` computes anything
  /// else.
  static func nodes(rootOf id: NodeID, in graph: Graph) -> [NodeID] {
    guard let root = graph[id], [.rsqrt, .sqrt].contains(root.operation.kind) else { return [] }
    var nodes = [id]
    var hasMean = false
    var operand = root.inputs.first ?? nil
    while let value = operand, let (producer, node) = graph.producer(of: value) {
      nodes.append(producer)
      if hasMean, squares(node) { return nodes }
      let computed = node.inputs.compactMap { $0 }.filter { !graph[$0].isConstant }
      guard computed.count == 1, between.contains(node.operation.kind) else { return [] }
      if [.mean, .sum].contains(node.operation.kind) { hasMean = true }
      operand = computed[0]
    }
    return []
  }

  private static let between: Set<OperatorKind> = [
    .mean, .sum, .add, .mul, .div, .maximum, .reshape, .squeeze, .expandDims,
  ]

  private static func squares(_ node: Node) -> Bool {
    switch node.operation.kind {
    case .square, .squaredDifference: true
    case .mul: node.inputs.count == 2 && node.inputs[0] == node.inputs[1]
    default: false
    }
  }
}
