internal import ModelFormat

/// Applies rules until none fires, stage by stage, and counts which did.
package struct PassDriver {
  /// How often each rule fired, in the order of the first time.
  package private(set) var firings: [(rule: String, count: Int)] = []

  package init() {}

  package mutating func run(_ stages: [[Rule]], on graph: inout Graph) {
    removeDeadCode(&graph)
    for stage in stages {
      run(stage, on: &graph)
      merge(&graph)
    }
    removeDeadCode(&graph)
  }

  private mutating func run(_ rules: [Rule], on graph: inout Graph) {
    var pending = Array(graph.executionOrder.reversed())
    // Each rule makes progress; the bound only keeps a mistake from running forever.
    var budget = 1000 + 200 * graph.nodeCount
    while let id = pending.popLast(), budget > 0 {
      guard let node = graph[id] else { continue }
      for rule in rules {
        guard let patch = Self.patch(rule, Match(graph: graph, id: id, node: node)) else { continue }
        let neighbours = neighbours(of: node, in: graph)
        guard let added = graph.apply(patch, to: id) else { continue }
        budget -= 1
        count(rule.name)
        if graph[id] != nil { pending.append(id) }
        pending += neighbours
        for new in added {
          pending.append(new)
          if let node = graph[new] { pending += self.neighbours(of: node, in: graph) }
        }
        break
      }
    }
  }

  private static func patch(_ rule: Rule, _ match: Match) -> Patch? {
    var patch = rule.patch(match)
    patch?.seal()
    return patch
  }

  private func neighbours(of node: Node, in graph: Graph) -> [NodeID] {
    var result = node.outputs.flatMap { graph.consumers(of: $0) }
    for case .some(let input) in node.inputs {
      if let producer = graph.producers[input.index] { result.append(producer) }
    }
    return result
  }

  /// Nodes that compute the same from the same, and store it alike, become one.
  private mutating func merge(_ graph: inout Graph) {
    struct Key: Hashable {
      let operation: Operation
      let inputs: [ValueID?]
    }
    mergeConstants(&graph)
    var known: [Key: [ValueID]] = [:]
    for id in graph.executionOrder {
      guard let node = graph[id] else { continue }
      let key = Key(operation: node.operation, inputs: node.inputs)
      guard let earlier = known[key], zip(earlier, node.outputs).allSatisfy({ graph[$0].isStored(as: graph[$1]) }),
        !node.outputs.contains(where: { graph.outputs.contains($0) })
      else {
        known[key] = node.outputs
        continue
      }
      for (old, new) in zip(node.outputs, earlier) { graph.replaceUses(of: old, with: new) }
      graph.removeUnused(id)
      count("merge equal layers")
    }
  }

  /// Small constants of equal contents become one value, so that their readers can be compared.
  private func mergeConstants(_ graph: inout Graph) {
    struct Key: Hashable {
      let type: UInt8
      let shape: [Int]
      let bytes: ConstantBytes
    }
    var known: [Key: ValueID] = [:]
    for index in graph.values.indices {
      let value = graph.values[index]
      guard let bytes = value.constant, bytes.count <= 256, value.quantization == nil, !graph.consumers[index].isEmpty
      else { continue }
      let key = Key(type: value.type.rawValue, shape: value.shape, bytes: bytes)
      if let earlier = known[key] {
        graph.replaceUses(of: ValueID(index: index), with: earlier)
      } else {
        known[key] = ValueID(index: index)
      }
    }
  }

  private func removeDeadCode(_ graph: inout Graph) {
    for id in graph.nodeIDs.reversed() { graph.removeUnused(id) }
  }

  private mutating func count(_ rule: String) {
    if let index = firings.firstIndex(where: { $0.rule == rule }) {
      firings[index].count += 1
    } else {
      firings.append((rule, 1))
    }
  }
}

extension Value {
  /// Whether elements of both mean the same where they are the same bytes: QUANTIZE to two grids gives two tensors.
  fileprivate func isStored(as other: Value) -> Bool {
    type == other.type && quantization == other.quantization && statedGrid == other.statedGrid
  }
}
