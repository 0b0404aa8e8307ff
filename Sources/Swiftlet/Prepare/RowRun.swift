/// Steps that follow one another through tensors that nobody else reads, each of which can compute rows by themselves.
struct RowRun {
  /// Indices of the steps and, of each, its node.
  private(set) var steps: [Int]
  private(set) var nodes: [Int]
  private(set) var layers: [RowLayer]
  /// The input of the first step and the output of each.
  private(set) var tensors: [Int]

  private init(_ input: Int, capacity: Int) {
    (steps, nodes, layers, tensors) = ([], [], [], [input])
    steps.reserveCapacity(capacity)
    nodes.reserveCapacity(capacity)
    layers.reserveCapacity(capacity)
    tensors.reserveCapacity(capacity + 1)
  }

  private mutating func append(step: Int, node: Int, layer: RowLayer, output: Int) {
    steps.append(step)
    nodes.append(node)
    layers.append(layer)
    tensors.append(output)
  }

  /// The runs of two or more steps, but for those in which `isWorth` is true of no step's node.
  static func all(in preparation: SubgraphPreparation, where isWorth: (Int) -> Bool) -> [RowRun] {
    let (graph, steps) = (preparation.graph, preparation.steps)
    let readers = graph.readers()
    /// By step: the one that follows in its run. By tensor: the step that writes it.
    var following = [Int](repeating: -1, count: steps.count)
    var writers = [Int](repeating: -1, count: graph.tensors.count)
    var firsts: [Int] = []
    for (index, step) in steps.enumerated() where step.rowwise != nil {
      let node = graph.nodes[step.node]
      guard let input = node.inputs.first, let output = node.outputs.first, graph.isPlain(input), graph.isPlain(output)
      else { continue }
      if writers[input] >= 0, readers[input].count == 1, graph.isInternal(input) {
        following[writers[input]] = index
      } else {
        firsts.append(index)
      }
      writers[output] = index
    }
    var runs: [RowRun] = []
    for first in firsts where following[first] >= 0 {
      let all = Array(sequence(first: first) { following[$0] < 0 ? nil : following[$0] })
      if all.contains(where: { isWorth(steps[$0].node) }) { add(all, of: preparation, to: &runs) }
    }
    return runs
  }

  /// Adds the runs into which steps divide `steps` that need all rows of their input: before them when they compute rows
  /// of their output, on both sides when they do not.
  private static func add(_ steps: [Int], of preparation: SubgraphPreparation, to runs: inout [RowRun]) {
    var run: RowRun?
    for index in steps {
      let step = preparation.steps[index]
      let node = preparation.graph.nodes[step.node]
      if let layer = step.rowwise?.rowLayer, layer.rows.allTouchInput {
        if let before = run, layer.rows.needWholeInput {
          if before.steps.count > 1 { runs.append(before) }
          run = nil
        }
        if run == nil { run = RowRun(node.inputs[0], capacity: steps.count) }
        run?.append(step: index, node: step.node, layer: layer, output: node.outputs[0])
      } else {
        if let run, run.steps.count > 1 { runs.append(run) }
        run = nil
      }
    }
    if let run, run.steps.count > 1 { runs.append(run) }
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
