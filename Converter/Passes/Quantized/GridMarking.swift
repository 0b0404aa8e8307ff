internal import ModelFormat

/// Turns QUANTIZE and DEQUANTIZE between layers into grids on float32 edges, so that rewrites see the layers alone.
enum GridMarking {
  static func mark(_ graph: inout Graph) {
    for id in graph.executionOrder { removePair(id, from: &graph) }
    for id in graph.executionOrder.reversed() { raise(id, in: &graph) }
    for id in graph.nodeIDs.reversed() { graph.removeUnused(id) }
  }

  /// `x -> QUANTIZE -> q` where every reader of x rounds it alike: x has the grid of q, and the readers of
  /// DEQUANTIZE(q) read x.
  private static func removePair(_ id: NodeID, from graph: inout Graph) {
    guard let node = graph[id], node.operation.kind == .quantize, let real = node.inputs[0],
      graph[real].type == .float32, let grid = graph[node.outputs[0]].heldGrid, !graph.outputs.contains(real),
      graph[real].statedGrid == nil || graph[real].statedGrid == grid,
      graph.consumers(of: real).allSatisfy({ reader in
        guard let other = graph[reader] else { return true }
        return other.operation.kind == .quantize && graph[other.outputs[0]].heldGrid == grid
      })
    else { return }
    // The inputs of the graph are what the caller gives: not yet rounded.
    guard !graph.inputs.contains(real) else { return }
    graph[real].statedGrid = grid
    for reader in graph.consumers(of: real) {
      guard let quantize = graph[reader] else { continue }
      for next in graph.consumers(of: quantize.outputs[0]) {
        guard let other = graph[next], other.operation.kind == .dequantize, !graph.outputs.contains(other.outputs[0])
        else { continue }
        graph.replaceUses(of: other.outputs[0], with: real)
        graph.removeUnused(next)
      }
    }
  }

  /// What is rounded after a layer that only moves elements may be rounded before it.
  private static func raise(_ id: NodeID, in graph: inout Graph) {
    guard let node = graph[id], [.transpose, .reshape, .squeeze, .expandDims].contains(node.operation.kind),
      let input = node.inputs[0], graph.hasSingleUse(input), graph[input].statedGrid == nil,
      graph[input].type == .float32,
      !graph.inputs.contains(input), let grid = graph[node.outputs[0]].statedGrid, !grid.quantization.isPerChannel
    else { return }
    graph[input].statedGrid = grid
  }
}
