internal import ModelFormat

/// Averages over whole pictures as MEAN: AVERAGE_POOL_2D stores its outputs on the grid of its input in 8 bits, and the
/// means of channels use little of a range that single places set. MEAN has a grid of its own.
package enum GlobalPooling {
  /// `graph` with MEAN for every AVERAGE_POOL_2D whose window is the whole picture.
  package static func asMeans(in graph: Graph) -> Graph {
    var result = graph
    for id in graph.executionOrder {
      guard let node = graph[id], coversPicture(node, in: graph), let input = node.inputs[0] else { continue }
      let axes = result.add(
        Value(
          name: "\(graph[node.outputs[0]].name)/axes", type: .int32, shape: [2],
          constant: ConstantBytes(elements: [Int32(1), 2])))
      let output = result.add(graph[node.outputs[0]])
      result.add(
        Node(
          .reduction(.mean, keepsDimensions: true), inputs: [input, axes], outputs: [output], source: node.source))
      result.replaceUses(of: node.outputs[0], with: output)
      result.removeUnused(id)
    }
    return result
  }

  private static func coversPicture(_ node: Node, in graph: Graph) -> Bool {
    guard node.operation.kind == .averagePool2D, node.operation.activation == .none, let input = node.inputs[0],
      case let (shape, pooled) = (graph[input].shape, graph[node.outputs[0]].shape), shape.count == 4,
      pooled.count == 4, graph[input].statedGrid == nil, graph[node.outputs[0]].statedGrid == nil
    else { return false }
    let window = Extent(node.operation.int(4), node.operation.int(3))
    return window == Extent(shape[1], shape[2]) && pooled[1] == 1 && pooled[2] == 1
  }
}
