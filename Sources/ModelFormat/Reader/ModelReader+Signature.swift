extension ModelReader {
  mutating func signatures(_ root: FlatTable, subgraphs: [Subgraph]) throws(FormatError) -> [Signature] {
    let interfaces = subgraphs.map { Interface($0) }
    let signatures = try tables(root, 7, "signature_defs") { (reader, table, index) throws(FormatError) in
      let key = try locating(.signature(index)) { () throws(FormatError) in
        try reader.string(table, 2, "signature_key")
      }
      return try locating(.signature(index), key) { () throws(FormatError) in
        try reader.signature(table, key: key, interfaces: interfaces)
      }
    }
    if let index = repeated(in: signatures.map { $0.text }) {
      throw FormatError(
        .duplicate, "signature_key", expected: .text("a key of its own"), subject: .signature(index),
        name: signatures[index].text)
    }
    return signatures
  }

  private mutating func signature(
    _ table: FlatTable, key: Text, interfaces: [Interface]
  ) throws(FormatError) -> Signature {
    let index = Int(clamping: try table.number(4, "subgraph_index", default: UInt32(0)))
    guard index < interfaces.count else {
      throw FormatError(
        .invalidIndex, "subgraph_index", offset: table.position, found: .count(index),
        expected: .below(Int64(interfaces.count)))
    }
    return Signature(
      text: key, subgraph: index,
      inputs: try signatureTensors(table, 0, "inputs", among: interfaces[index].isInput),
      outputs: try signatureTensors(table, 1, "outputs", among: interfaces[index].isOutput))
  }

  private mutating func signatureTensors(
    _ table: FlatTable, _ id: Int, _ field: StaticString, among isCandidate: [Bool]
  ) throws(FormatError) -> [SignatureTensor] {
    let tensors = try tables(table, id, field) { (reader, table, _) throws(FormatError) in
      let name = try reader.string(table, 0, "name")
      let tensor = Int(clamping: try table.number(1, "tensor_index", default: UInt32(0)))
      guard tensor < isCandidate.count, isCandidate[tensor] else {
        throw FormatError(
          .invalidIndex, field, offset: table.position, found: .count(tensor),
          expected: .text("an input or output of the subgraph"))
      }
      return SignatureTensor(text: name, tensor: tensor)
    }
    if let index = repeated(in: tensors.map { $0.text }) {
      throw FormatError(
        .duplicate, field, offset: table.position, found: .name(tensors[index].text),
        expected: .text("names that differ"))
    }
    return tensors
  }

  /// The index of a name that occurs twice. Sorts bytes: neither hashing nor Unicode tables are needed.
  private func repeated(in names: [Text]) -> Int? {
    let order = names.indices.sorted { names[$0].bytes.lexicographicallyPrecedes(names[$1].bytes) }
    for (first, second) in zip(order, order.dropFirst()) where names[first] == names[second] {
      return max(first, second)
    }
    return nil
  }
}

/// Which tensors of a subgraph a signature may name.
private struct Interface {
  var isInput: [Bool]
  var isOutput: [Bool]

  init(_ subgraph: Subgraph) {
    isInput = Array(repeating: false, count: subgraph.tensors.count)
    isOutput = isInput
    for tensor in subgraph.inputs { isInput[tensor] = true }
    for tensor in subgraph.outputs { isOutput[tensor] = true }
  }
}
