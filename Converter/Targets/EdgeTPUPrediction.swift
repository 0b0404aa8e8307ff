internal import ModelFormat

/// Which operators of a model the Edge TPU's compiler would map to the accelerator. A prediction from its published
/// requirements (coral.ai, "TensorFlow models on the Edge TPU"): only the compiler itself decides.
package struct EdgeTPUPrediction: Sendable {
  package struct Entry: Sendable {
    /// The operator's first output.
    package let layer: String
    package let operation: String
    /// Why it stays on the processor; `nil` for an operator that maps.
    package let obstacle: String?
  }

  /// In execution order.
  package let entries: [Entry]
  /// Of the constants of mapped operators.
  package let parameterBytes: Int

  package var mappedCount: Int { entries.count { $0.obstacle == nil } }

  /// - Parameter operators: the names of those that the accelerator has.
  package init(_ graph: Graph, operators: Set<String>) {
    var entries: [Entry] = []
    var parameters: Set<ValueID> = []
    // Values that are computed on the processor: what reads them is behind the one partition that is mapped.
    var onProcessor: Set<ValueID> = []
    for id in graph.executionOrder {
      guard let node = graph[id] else { continue }
      let entersAccelerator = Self.entersAccelerator(node, graph)
      var obstacle = Self.obstacle(node, graph, operators)
      if entersAccelerator { obstacle = "it brings the input to integers, on the processor" }
      if obstacle == nil, node.inputs.contains(where: { $0.map { onProcessor.contains($0) } ?? false }) {
        obstacle = "it follows an operator on the processor: one partition is mapped"
      }
      if obstacle != nil, !entersAccelerator { onProcessor.formUnion(node.outputs) }
      if obstacle == nil {
        for case .some(let input) in node.inputs where graph[input].isConstant { parameters.insert(input) }
      }
      entries.append(
        Entry(
          layer: node.outputs.first.map { graph[$0].name } ?? "", operation: node.operation.name, obstacle: obstacle))
    }
    self.entries = entries
    parameterBytes = parameters.reduce(0) { $0 + (graph[$1].constant?.count ?? 0) }
  }

  /// QUANTIZE of a float input of the graph: the accelerator's partition begins behind it.
  private static func entersAccelerator(_ node: Node, _ graph: Graph) -> Bool {
    guard node.operation.kind == .quantize, let input = node.inputs.first ?? nil else { return false }
    return graph.inputs.contains(input) && graph[input].type == .float32
  }

  private static func obstacle(_ node: Node, _ graph: Graph, _ operators: Set<String>) -> String? {
    guard operators.contains(node.operation.name) else { return "the Edge TPU has no \(node.operation.name)" }
    let data = node.inputs.compactMap { $0 }.filter { !graph[$0].isConstant } + node.outputs
    for value in data.map({ graph[$0] }) {
      guard [.int8, .uint8].contains(value.type) else {
        return "its data is \(value.typeName), expected int8 or uint8: convert with --quantize int8"
      }
      if value.openShape.contains(-1) { return "its data has an open dimension: fix it with --input-shape" }
      guard value.shape.dropLast(3).allSatisfy({ $0 == 1 }) else {
        return "more than its last three dimensions are above 1"
      }
    }
    return EdgeTPURules.obstacle(node, graph)
  }
}
