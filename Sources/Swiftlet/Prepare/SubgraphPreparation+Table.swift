import ModelFormat

extension SubgraphPreparation {
  /// What the nodes of `region`, in their order, make of every byte of tensor `source`: the bytes of tensor `output`. `nil`
  /// when a node refuses its operands; preparing it will say why.
  func table(of region: [Int], from source: Int, to output: Int) -> OwnedBytes? {
    guard let rank = graph.tensors[source].shape?.rank, rank > 0,
      let bytes = Shape(rank: rank, { axis in axis == rank - 1 ? 256 : 1 }), let input = try? program.allocate(256)
    else { return nil }
    for byte in 0..<256 { unsafe input.base.storeBytes(of: UInt8(byte), toByteOffset: byte, as: UInt8.self) }
    defer { program.release(input) }
    var numbers: [Int] = []
    let copies = region.map { index in
      let node = graph.nodes[index]
      return GraphNode(
        copy: node, inputs: node.inputs.map { Self.number(of: $0, in: &numbers) },
        outputs: node.outputs.map { Self.number(of: $0, in: &numbers) })
    }
    let tensors = numbers.indices.map { position in
      let tensor = GraphTensor(copy: graph.tensors[numbers[position]], index: position)
      if !tensor.isConstant { tensor.shape = nil }
      return tensor
    }
    let first = Self.number(of: source, in: &numbers)
    tensors[first].shape = bytes
    tensors[first].storage = .constant(.owned(input))
    let evaluation = SubgraphPreparation(
      program: program, graph: Graph(index: graph.index, tensors: tensors, nodes: copies))
    do throws(PrepareError) {
      for index in copies.indices { try evaluation.infer(index) }
    } catch {
      return nil
    }
    var table: OwnedBytes?
    for node in copies {
      guard case .constant(.owned(let bytes)) = tensors[node.outputs[0]].storage else { continue }
      if numbers[node.outputs[0]] == output, bytes.count == 256 { table = bytes } else { program.release(bytes) }
    }
    return table
  }

  private static func number(of tensor: Int, in numbers: inout [Int]) -> Int {
    if let known = numbers.firstIndex(of: tensor) { return known }
    numbers.append(tensor)
    return numbers.count - 1
  }
}
