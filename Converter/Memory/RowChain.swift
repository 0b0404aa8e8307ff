internal import ModelFormat

/// Layers one after the other, each the only reader of the one before: they can be computed some rows at a time, so that
/// what lies between them never exists whole.
struct RowChain {
  let layers: [RowLayer]

  var input: [Int] { layers[0].input }
  var output: [Int] { layers[layers.count - 1].output }

  /// The longest chain through `id`, at most `reach` layers to each side; `nil` when the layer needs all its rows.
  init?(through id: NodeID, reach: Int, in graph: Graph) {
    guard let middle = RowLayer(id, in: graph) else { return nil }
    var layers = [middle]
    while layers.count <= reach, let data = layers[0].node.inputs[0], graph.hasSingleUse(data),
      let producer = graph.producer(of: data), let layer = RowLayer(producer.id, in: graph)
    {
      layers.insert(layer, at: 0)
    }
    let before = layers.count
    while layers.count - before < reach, let last = layers.last, graph.hasSingleUse(last.node.outputs[0]),
      let reader = graph.consumers(of: last.node.outputs[0]).first, let layer = RowLayer(reader, in: graph),
      layer.node.inputs[0] == last.node.outputs[0]
    {
      layers.append(layer)
    }
    self.layers = layers
  }

  private init(_ layers: [RowLayer]) { self.layers = layers }

  subscript(range: ClosedRange<Int>) -> RowChain { RowChain(Array(layers[range])) }

  /// `count` parts of the output, as equal as can be.
  func parts(_ count: Int) -> [Range<Int>] {
    (0..<count).map { output[1] * $0 / count..<output[1] * ($0 + 1) / count }
  }

  /// The rows that each layer gives for a part of the output, and those of the chain's input first.
  private func rows(for part: Range<Int>) -> [Range<Int>] {
    var result = [part]
    for layer in layers.reversed() { result.insert(layer.need(of: result[0]).rows, at: 0) }
    return result
  }

  /// What a split would need and cost.
  struct Estimate {
    /// Bytes of the chain's input and output, and of the largest neighbours inside it while it works on a part.
    let bytes: Int
    /// Work of all parts together over that of the whole: rows at the seams are computed twice.
    let overhead: Double
  }

  func estimate(parts count: Int, in graph: Graph) -> Estimate {
    var inside = 0
    var work = 0.0
    for part in parts(count) {
      let rows = rows(for: part)
      for (index, layer) in layers.enumerated() {
        work += layer.cost(in: graph) * Double(rows[index + 1].count)
        let own = rows[index + 1].count * layer.output[2] * layer.output[3] * layer.outputBytes
        let before = index == 0 ? 0 : rows[index].count * layer.input[2] * layer.input[3] * layer.inputBytes
        inside = max(inside, before + (index == layers.count - 1 ? 0 : own))
      }
    }
    let whole = layers.reduce(0) { $0 + $1.cost(in: graph) * Double($1.output[1]) }
    let edges = input.reduce(layers[0].inputBytes, *) + output.reduce(layers[layers.count - 1].outputBytes, *)
    return Estimate(bytes: edges + inside, overhead: whole > 0 ? work / whole : 1)
  }

  /// Replaces the chain by one chain for each part and a CONCATENATION of their rows.
  func split(into count: Int, in graph: inout Graph) {
    guard let data = layers[0].node.inputs[0], let last = layers.last else { return }
    let results = parts(count).map { part -> ValueID in
      let rows = rows(for: part)
      var value = slice(data, rows[0], in: &graph)
      for (index, layer) in layers.enumerated() { value = layer.emit(rows[index + 1], of: value, in: &graph) }
      return value
    }
    let old = last.node.outputs[0]
    let whole = graph.add(graph[old])
    graph.add(
      Node(.concatenation(axis: 1), inputs: results, outputs: [whole], source: last.node.source))
    graph.replaceUses(of: old, with: whole)
    graph.removeUnused(last.id)
  }

  private func slice(_ data: ValueID, _ rows: Range<Int>, in graph: inout Graph) -> ValueID {
    if rows == 0..<input[1] { return data }
    var part = graph[data]
    (part.shape, part.openShape) = ([1, rows.count, input[2], input[3]], [])
    let numbers = { (elements: [Int], graph: inout Graph) -> ValueID in
      graph.add(
        Value(
          name: "\(part.name)/rows", type: .int32, shape: [4],
          constant: ConstantBytes(elements: elements.map { Int32(clamping: $0) })))
    }
    let begin = numbers([0, rows.lowerBound, 0, 0], &graph)
    let size = numbers(part.shape, &graph)
    let id = graph.add(part)
    graph.add(Node(Operation(.slice), inputs: [data, begin, size], outputs: [id], source: layers[0].node.source))
    return id
  }
}
