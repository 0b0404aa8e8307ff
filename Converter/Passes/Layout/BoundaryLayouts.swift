/// Inputs and outputs in the layout that the layers inside use: a transpose at the edge of the graph is dropped, and the
/// edge is recorded as permuted.
enum BoundaryLayouts {
  static func moveInputs(of graph: inout Graph) {
    for position in graph.inputs.indices { moveInput(position, of: &graph) }
  }

  static func moveOutputs(of graph: inout Graph) {
    for position in graph.outputs.indices { moveOutput(position, of: &graph) }
  }

  /// An input that is only read by equal transposes.
  private static func moveInput(_ position: Int, of graph: inout Graph) {
    let old = graph.inputs[position]
    let readers = graph.consumers(of: old)
    let permutations = readers.map { permutation(of: $0, in: graph) }
    guard let first = permutations.first, let permutation = first, permutations.allSatisfy({ $0 == permutation }),
      graph[old].shape.count == 4, !graph.outputs.contains(old)
    else { return }
    let results = readers.compactMap { graph[$0]?.outputs[0] }
    guard !results.contains(where: { graph.outputs.contains($0) }) else { return }
    var value = graph[old]
    value.shape = permutation.map { value.shape[$0] }
    if !value.openShape.isEmpty { value.openShape = permutation.map { value.openShape[$0] } }
    let new = graph.add(value)
    for result in results { graph.replaceUses(of: result, with: new) }
    for reader in readers { graph.removeUnused(reader) }
    graph.inputs[position] = new
    graph.inputLayouts[position].permutation = Permutation.composed(
      graph.inputLayouts[position].permutation, permutation)
  }

  /// An output that a transpose computes.
  private static func moveOutput(_ position: Int, of graph: inout Graph) {
    let old = graph.outputs[position]
    guard let (id, node) = graph.producer(of: old), let permutation = permutation(of: id, in: graph),
      let source = node.inputs[0], graph.producer(of: source) != nil, !graph.outputs.contains(source),
      graph.consumers(of: old).isEmpty, permutation.count == 4
    else { return }
    let name = graph[old].name
    graph.outputs[position] = source
    graph[source].name = name
    graph.outputLayouts[position].permutation = Permutation.composed(
      graph.outputLayouts[position].permutation, Permutation.inverse(permutation))
    graph.removeUnused(id)
  }

  private static func permutation(of id: NodeID, in graph: Graph) -> [Int]? {
    guard let node = graph[id], node.operation.kind == .transpose, let operand = node.inputs[1] else { return nil }
    return graph[operand].constant?.elements(as: Int32.self).map { Int($0) }
  }
}
