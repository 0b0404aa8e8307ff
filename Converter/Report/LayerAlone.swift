internal import ModelFormat

/// One quantized layer cut out of its network, fed with exact numbers on its own grid.
struct LayerAlone {
  private let executor: GraphExecutor
  private let graph: Graph
  /// By input of the cut: the value of the float graph that it stands for.
  private let sources: [ValueID]

  /// - Parameters:
  ///   - id: a node of both graphs.
  ///   - quantized: what `Quantizer` made of `original`.
  /// - Throws: `ConversionError` for a layer that cannot be run.
  init(_ id: NodeID, in quantized: Graph, original: Graph) throws {
    guard let node = quantized[id] else { preconditionFailure("the node is in both graphs") }
    var graph = Graph()
    var sources: [ValueID] = []
    let inputs = node.inputs.enumerated().map { position, input -> ValueID? in
      guard let input else { return nil }
      let copy = graph.add(quantized[input])
      if !quantized[input].isConstant {
        sources.append(original[id]?.inputs[position] ?? input)
        graph.addInput(copy)
      }
      return copy
    }
    let outputs = node.outputs.map { graph.add(quantized[$0]) }
    graph.add(Node(node.operation, inputs: inputs, outputs: outputs, source: node.source))
    for output in outputs { graph.addOutput(output) }
    self.graph = graph
    self.sources = sources
    executor = try GraphExecutor(graph)
  }

  /// The first output in real units, `floats` giving the float network's numbers.
  func output(_ floats: (ValueID) -> [Float]) throws -> [Float] {
    let inputs = zip(graph.inputs, sources).map { input, source in
      RealValues.bytes(floats(source), graph[input].type, graph[input].quantization) ?? []
    }
    let output = graph[graph.outputs[0]]
    return RealValues.floats(try executor.outputs(inputs)[0], output.type, output.quantization) ?? []
  }
}
