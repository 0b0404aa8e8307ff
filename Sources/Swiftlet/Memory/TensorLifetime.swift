/// The nodes between which a tensor holds its value.
struct TensorLifetime {
  /// The node that writes it: -1 for what is there before the first node, `Int.max` for what nothing writes.
  var first = Int.max
  /// The last node that touches it: -1 when none does, one past all nodes for what is read afterwards.
  var last = -1

  /// By tensor.
  static func all(in graph: Graph, keepsInputs: Bool) -> [TensorLifetime] {
    let end = graph.nodes.count
    var lifetimes = Array(repeating: TensorLifetime(), count: graph.tensors.count)
    for tensor in graph.inputs {
      lifetimes[tensor].first = -1
      lifetimes[tensor].last = keepsInputs ? end : -1
    }
    for index in graph.nodes.indices where !graph.nodes[index].isRemoved {
      for tensor in graph.nodes[index].inputs where tensor >= 0 {
        lifetimes[tensor].last = max(lifetimes[tensor].last, index)
      }
      for tensor in graph.nodes[index].outputs where tensor >= 0 {
        lifetimes[tensor].first = min(lifetimes[tensor].first, index)
        lifetimes[tensor].last = max(lifetimes[tensor].last, index)
      }
    }
    for tensor in graph.outputs {
      lifetimes[tensor].last = end
      if lifetimes[tensor].first == Int.max { lifetimes[tensor].first = -1 }
    }
    return lifetimes
  }
}
