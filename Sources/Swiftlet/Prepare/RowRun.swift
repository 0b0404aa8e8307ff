/// Steps that follow one another through tensors that nobody else reads, each of which can compute rows by themselves.
struct RowRun {
  /// Indices of the steps and, of each, its node.
  private(set) var steps: [Int]
  private(set) var nodes: [Int]
  private(set) var layers: [RowLayer]
  /// The input of the first step and the output of each.
  private(set) var tensors: [Int]

  private init(step: Int, node: Int, layer: RowLayer, input: Int, output: Int) {
    (steps, nodes, layers, tensors) = ([step], [node], [layer], [input, output])
  }

  private mutating func append(step: Int, node: Int, layer: RowLayer, output: Int) {
    steps.append(step)
    nodes.append(node)
    layers.append(layer)
    tensors.append(output)
  }

  /// The runs of two or more steps.
  static func all(in preparation: SubgraphPreparation) -> [RowRun] {
    let graph = preparation.graph
    let readers = graph.readers()
    var runs: [RowRun] = []
    /// By tensor: the run that ends with it.
    var ends = [Int](repeating: -1, count: graph.tensors.count)
    for (index, step) in preparation.steps.enumerated() {
      let node = graph.nodes[step.node]
      guard let makeLayer = step.rowLayer, let input = node.inputs.first, let output = node.outputs.first,
        graph.isPlain(input), graph.isPlain(output), let layer = makeLayer(), layer.rows.allTouchInput
      else { continue }
      var run = ends[input]
      if run >= 0, !layer.rows.needWholeInput, readers[input].count == 1, graph.isInternal(input) {
        runs[run].append(step: index, node: step.node, layer: layer, output: output)
      } else {
        run = runs.count
        runs.append(RowRun(step: index, node: step.node, layer: layer, input: input, output: output))
      }
      ends[output] = run
    }
    return runs.filter { $0.steps.count > 1 }
  }
}

extension Graph {
  /// Whether `tensor` is computed or given, with a size known now.
  fileprivate func isPlain(_ tensor: Int) -> Bool {
    guard tensor >= 0, tensors[tensor].shape != nil else { return false }
    switch tensors[tensor].storage {
    case .activation, .borrowed: return true
    default: return false
    }
  }
}
