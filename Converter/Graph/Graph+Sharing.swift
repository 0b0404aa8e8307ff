internal import ModelFormat

extension Graph {
  /// Makes constants that are equal in elements, type, shape and quantization one value, so that what is done to a constant
  /// is done once for all that read it: an unrolled recurrent layer reads the same weights at each step.
  ///
  /// Constants that are outputs stay as they are. Cost: constants of which another has the same size are hashed once.
  package mutating func shareEqualConstants() {
    let kept = Set(outputs)
    let candidates = values.indices.map { ValueID(index: $0) }.filter {
      self[$0].isConstant && !consumers(of: $0).isEmpty && !kept.contains($0)
    }
    let representatives = self.representatives(of: candidates)
    var first: [ValueID: [ValueID]] = [:]
    for id in candidates {
      guard let representative = representatives[id] else { continue }
      let value = self[id]
      guard let known = first[representative, default: []].first(where: { self[$0].isSame(as: value) }) else {
        first[representative, default: []].append(id)
        continue
      }
      replaceUses(of: id, with: known)
      self[id].constant = nil
    }
  }

  /// By constant value, the first of `constants` that has the same bytes.
  func representatives(of constants: [ValueID]) -> [ValueID: ValueID] {
    let sizes = Dictionary(grouping: constants) { self[$0].constant?.count ?? 0 }
    var known: [ConstantBytes: ValueID] = [:]
    var result: [ValueID: ValueID] = [:]
    for id in constants {
      guard let constant = self[id].constant else { continue }
      guard let others = sizes[constant.count], others.count > 1 else {
        result[id] = id
        continue
      }
      result[id] = known[constant] ?? id
      known[constant] = result[id]
      constant.forgetPages()
    }
    return result
  }

  /// The graph without values and nodes that nothing needs any more, of which rewriting leaves many. The others get new
  /// numbers in the same order.
  package func compacted() -> Graph {
    var isUsed = Array(repeating: false, count: values.count)
    for id in inputs + outputs { isUsed[id.index] = true }
    for case .some(let node) in nodes {
      for id in node.inputs.compactMap({ $0 }) + node.outputs { isUsed[id.index] = true }
    }
    var result = Graph()
    result.reserve(values: isUsed.count { $0 }, nodes: nodeCount)
    var places: [ValueID: ValueID] = [:]
    for index in values.indices where isUsed[index] { places[ValueID(index: index)] = result.add(values[index]) }
    for case .some(let old) in nodes {
      var node = old
      node.inputs = node.inputs.map { $0.flatMap { places[$0] } }
      node.outputs = node.outputs.compactMap { places[$0] }
      result.add(node)
    }
    for (id, layout) in zip(inputs, inputLayouts) {
      if let place = places[id] { result.addInput(place, layout: layout) }
    }
    for (id, layout) in zip(outputs, outputLayouts) {
      if let place = places[id] { result.addOutput(place, layout: layout) }
    }
    return result
  }
}

extension Value {
  /// Whether the elements of a constant, which are equal, mean the same.
  fileprivate func isSame(as other: Value) -> Bool {
    type == other.type && shape == other.shape && quantization == other.quantization && statedGrid == other.statedGrid
  }
}
