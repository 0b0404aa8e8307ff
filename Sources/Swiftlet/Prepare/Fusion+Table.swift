import ModelFormat

extension Fusion {
  /// Operators that compute each element from the elements at its place, between one tensor of 8 bits and another: all of
  /// them become one table of what each byte comes to. Such are DEQUANTIZE, SIN and QUANTIZE, or LOGISTIC and the MUL with
  /// the same input behind it. The table is what the operators themselves make of the 256 bytes.
  static func foldTables(in preparation: SubgraphPreparation) {
    let graph = preparation.graph
    guard graph.nodes.contains(where: { isElementwise($0.code.builtin) }) else { return }
    let readers = graph.readers()
    /// By tensor: the tensor of 8 bits that it is a function of; -1 for none.
    var sources = Array(repeating: -1, count: graph.tensors.count)
    for index in graph.nodes.indices {
      guard let source = source(of: index, graph, readers, sources) else { continue }
      sources[graph.nodes[index].outputs[0]] = source
    }
    for index in graph.nodes.indices.reversed() where !graph.nodes[index].isRemoved {
      guard let output = graph.nodes[index].outputs.first, output >= 0, sources[output] >= 0,
        hasBytes(graph.tensors[output])
      else { continue }
      let source = sources[output]
      guard let region = region(from: source, to: index, graph, readers),
        let table = preparation.table(of: region, from: source, to: output)
      else { continue }
      for node in region { graph.nodes[node].isRemoved = true }
      graph.nodes[index].isRemoved = false
      graph.nodes[index].inputs = [source]
      graph.nodes[index].table = table
    }
  }

  /// What the output of node `index` is a function of; `nil` when the node is none of those that tables replace.
  private static func source(
    of index: Int, _ graph: Graph, _ readers: [(count: Int, last: Int)], _ sources: [Int]
  ) -> Int? {
    let node = graph.nodes[index]
    guard node.isFusible, isElementwise(node.code.builtin), node.outputs.count == 1, node.outputs[0] >= 0,
      isPlain(graph.tensors[node.outputs[0]]), case .activation = graph.tensors[node.outputs[0]].storage
    else { return nil }
    var found = -1
    for input in node.inputs {
      guard input >= 0, isPlain(graph.tensors[input]) else { return nil }
      if graph.tensors[input].isConstant {
        guard graph.tensors[input].shape?.elementCount == 1 else { return nil }
        continue
      }
      guard graph.tensors[input].shape == graph.tensors[node.outputs[0]].shape else { return nil }
      // A tensor of bytes that several nodes read will be there anyhow.
      let isSource = hasBytes(graph.tensors[input]) && (sources[input] < 0 || readers[input].count > 1)
      let source = isSource ? input : sources[input]
      guard source >= 0, found < 0 || found == source else { return nil }
      found = source
    }
    return found < 0 ? nil : found
  }

  /// The nodes between tensor `source` and the output of node `last`, in their order; `nil` when there is only one, or when
  /// somebody else reads what one of them writes.
  private static func region(
    from source: Int, to last: Int, _ graph: Graph, _ readers: [(count: Int, last: Int)]
  ) -> [Int]? {
    var wanted = [graph.nodes[last].outputs[0]]
    var reads: [Int] = []
    var region: [Int] = []
    var index = last
    while index >= 0, last - index < longestWay, region.count < largestRegion {
      let node = graph.nodes[index]
      index -= 1
      guard !node.isRemoved, let output = node.outputs.first, wanted.contains(output) else { continue }
      guard output == wanted[0] || graph.isInternal(output) && count(of: output, in: reads) == readers[output].count
      else { return nil }
      region.append(index + 1)
      for input in node.inputs where !graph.tensors[input].isConstant && input != source {
        reads.append(input)
        if !wanted.contains(input) { wanted.append(input) }
      }
      if region.count == wanted.count { return region.count > 1 ? region.reversed() : nil }
    }
    return nil
  }

  private static let largestRegion = 16
  /// How many nodes may lie between those of a region: a file could make every search go through all nodes.
  private static let longestWay = 256

  private static func count(of tensor: Int, in reads: [Int]) -> Int {
    var count = 0
    for read in reads where read == tensor { count += 1 }
    return count
  }

  /// Whether a table can begin or end with the tensor.
  private static func hasBytes(_ tensor: GraphTensor) -> Bool {
    guard tensor.type == .int8 || tensor.type == .uint8 else { return false }
    switch tensor.storage {
    case .activation, .borrowed: return tensor.shape != nil
    default: return false
    }
  }

  /// Whether all elements have one scale, or none.
  private static func isPlain(_ tensor: GraphTensor) -> Bool {
    (tensor.quantization?.scales.count ?? 0) <= 1 && (tensor.quantization?.zeroPoints.count ?? 0) <= 1
  }

  /// Functions of one element, and of two of which one may be a constant.
  private static func isElementwise(_ code: Int) -> Bool {
    switch code {
    case Code.add, Code.sub, Code.mul, Code.div, Code.quantize: true
    case 6, 8, 14, 28, 47, 55, 57, 59, 66, 73, 75, 76, 78, 92, 98, 99, 101, 104, 108, 111, 116, 117, 150: true
    default: ActivationLimits(of: code) != nil
    }
  }
}
