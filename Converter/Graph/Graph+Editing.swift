/// The only ways to change a graph's edges.
extension Graph {
  /// Makes room for so many in all.
  mutating func reserve(values valueCount: Int, nodes nodeCount: Int) {
    values.reserveCapacity(valueCount)
    producers.reserveCapacity(valueCount)
    consumers.reserveCapacity(valueCount)
    nodes.reserveCapacity(nodeCount)
  }

  package mutating func add(_ value: Value) -> ValueID {
    values.append(value)
    producers.append(nil)
    consumers.append([])
    return ValueID(index: values.count - 1)
  }

  /// - Precondition: nothing else produces the node's outputs.
  @discardableResult
  package mutating func add(_ node: Node) -> NodeID {
    let id = NodeID(index: nodes.count)
    nodes.append(node)
    for output in node.outputs {
      precondition(producers[output.index] == nil, "a value has one producer")
      producers[output.index] = id
    }
    for case .some(let input) in node.inputs { consumers[input.index].append(id) }
    return id
  }

  package mutating func addInput(_ value: ValueID, layout: BoundaryLayout? = nil) {
    inputs.append(value)
    inputLayouts.append(layout ?? standardLayout(of: value))
  }

  package mutating func addOutput(_ value: ValueID, layout: BoundaryLayout? = nil) {
    outputs.append(value)
    outputLayouts.append(layout ?? standardLayout(of: value))
  }

  private func standardLayout(of value: ValueID) -> BoundaryLayout {
    let value = self[value]
    return BoundaryLayout(
      sourceName: value.name, sourceShape: value.shape, permutation: Array(value.shape.indices))
  }

  /// Lets everything that reads `old` read `new`; outputs of the graph keep their name.
  package mutating func replaceUses(of old: ValueID, with new: ValueID) {
    guard old != new else { return }
    for reader in consumers[old.index] {
      guard var node = nodes[reader.index] else { continue }
      node.inputs = node.inputs.map { $0 == old ? new : $0 }
      nodes[reader.index] = node
    }
    consumers[new.index] += consumers[old.index]
    consumers[old.index] = []
    for position in outputs.indices where outputs[position] == old {
      outputs[position] = new
      if producers[new.index] != nil { values[new.index].name = values[old.index].name }
    }
  }

  /// Frees the elements of constants that nothing reads any more.
  package mutating func dropUnusedConstants() {
    let used = Set(outputs)
    for index in values.indices where values[index].isConstant && consumers[index].isEmpty {
      if !used.contains(ValueID(index: index)) { values[index].constant = nil }
    }
  }

  package mutating func setInput(_ position: Int, of id: NodeID, to value: ValueID?) {
    guard var node = nodes[id.index] else { return }
    if let old = node.inputs[position] { removeConsumer(id, of: old) }
    if let value { consumers[value.index].append(id) }
    node.inputs[position] = value
    nodes[id.index] = node
  }

  /// Removes the node and whatever only it needed.
  package mutating func removeUnused(_ first: NodeID) {
    var pending = [first]
    while let id = pending.popLast() {
      guard let node = nodes[id.index],
        node.outputs.allSatisfy({ consumers[$0.index].isEmpty && !outputs.contains($0) })
      else { continue }
      for output in node.outputs { producers[output.index] = nil }
      for case .some(let input) in node.inputs {
        removeConsumer(id, of: input)
        if let producer = producers[input.index] { pending.append(producer) }
      }
      nodes[id.index] = nil
    }
  }

  private mutating func removeConsumer(_ id: NodeID, of value: ValueID) {
    if let place = consumers[value.index].firstIndex(of: id) { consumers[value.index].remove(at: place) }
  }

  /// The nodes so that each follows what it reads: depth first from the outputs, then those that no output needs.
  package var executionOrder: [NodeID] {
    var order: [NodeID] = []
    var isDone = Array(repeating: false, count: nodes.count)
    for root in outputs.compactMap({ producers[$0.index] }) + nodeIDs {
      var stack = [(root, false)]
      while let (id, isExpanded) = stack.popLast() {
        guard !isDone[id.index], let node = nodes[id.index] else { continue }
        if isExpanded {
          isDone[id.index] = true
          order.append(id)
          continue
        }
        stack.append((id, true))
        let needed = node.inputs.compactMap { $0 }.compactMap { producers[$0.index] }
        for id in needed.reversed() where !isDone[id.index] { stack.append((id, false)) }
      }
    }
    return order
  }
}
