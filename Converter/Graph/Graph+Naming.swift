extension Graph {
  /// Gives every tensor that the graph uses a name of its own: inputs and outputs keep theirs, of the others the first keeps
  /// it and later ones add their operator. Tools that look at single tensors go by these names.
  package mutating func nameUniquely() {
    var used = Set((inputs + outputs).map { self[$0].name })
    var isNamed = Set(inputs + outputs)
    for id in executionOrder {
      guard let node = self[id] else { continue }
      let operands = node.inputs.compactMap { $0 }.filter { self[$0].isConstant }
      for value in operands + node.outputs where isNamed.insert(value).inserted {
        self[value].name = unused(self[value].name, self[value].isConstant ? "constant" : node.operation.name, used)
        used.insert(self[value].name)
      }
    }
  }

  private func unused(_ name: String, _ addition: String, _ used: Set<String>) -> String {
    if !used.contains(name), !name.isEmpty { return name }
    let longer = "\(name)/\(addition)"
    var candidate = longer
    var number = 1
    while used.contains(candidate) {
      candidate = "\(longer)_\(number)"
      number += 1
    }
    return candidate
  }
}
