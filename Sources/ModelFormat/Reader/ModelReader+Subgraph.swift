extension ModelReader {
  mutating func subgraphs(_ root: FlatTable) throws(FormatError) -> [Subgraph] {
    subgraphCount = try root.vector(2, elementBytes: 4, "subgraphs")?.count ?? 0
    guard subgraphCount > 0 else {
      throw FormatError(.missing, "subgraphs", offset: root.position, expected: .atLeast(1))
    }
    guard Selection.hasSubgraphs || subgraphCount == 1 else {
      throw FormatError(
        .notBuilt, "subgraphs", offset: root.position, found: .count(subgraphCount), expected: .integer(1))
    }
    return try tables(root, 2, "subgraphs") { (reader, table, index) throws(FormatError) in
      let name = try locating(.subgraph(index)) { () throws(FormatError) in try reader.string(table, 4, "name") }
      return try locating(.subgraph(index), name) { () throws(FormatError) in
        try reader.subgraph(table, index: index, name: name)
      }
    }
  }

  private mutating func subgraph(_ table: FlatTable, index: Int, name: Text) throws(FormatError) -> Subgraph {
    calls.append([])
    var tensors = try tensors(table, subgraph: index)
    let inputs = try tensorIndices(table, 1, "inputs", of: tensors.count)
    let outputs = try tensorIndices(table, 2, "outputs", of: tensors.count)
    let operators = try operators(table, subgraph: index, tensors: tensors.count)
    if Selection.hasBlockwise { try verifyBlockwise(tensors, subgraph: index) }
    try GraphVerifier(subgraph: index, kernels: kernels, inputs: inputs, outputs: outputs, operators: operators)
      .verify(&tensors)
    return Subgraph(text: name, tensors: tensors, inputs: inputs, outputs: outputs, operators: operators)
  }

  private mutating func operators(
    _ table: FlatTable, subgraph: Int, tensors: Int
  ) throws(FormatError) -> [OperatorInfo] {
    let count = try table.vector(3, elementBytes: 4, "operators")?.count ?? 0
    guard count <= operatorLimit else {
      throw FormatError(
        .limitExceeded, "operators", offset: table.position, found: .count(count),
        expected: .atMost(Int64(operatorLimit)))
    }
    return try tables(table, 3, "operators") { (reader, table, index) throws(FormatError) in
      let code = Int(clamping: try table.number(0, "opcode_index", default: UInt32(0)))
      let place = FormatError.Subject.operator(index, subgraph: subgraph)
      guard code < reader.kernels.count else {
        throw FormatError(
          .invalidIndex, "opcode_index", offset: table.position, found: .count(code),
          expected: .below(Int64(reader.kernels.count)), subject: place)
      }
      return try locating(place, reader.kernels[code].name) { () throws(FormatError) in
        try reader.operatorInfo(table, code: code, subgraph: subgraph, tensors: tensors)
      }
    }
  }

  private mutating func operatorInfo(
    _ table: FlatTable, code: Int, subgraph: Int, tensors: Int
  ) throws(FormatError) -> OperatorInfo {
    let kernel = kernels[code]
    var calls: [Int] = []
    let info = OperatorInfo(
      code: code,
      inputs: try tensorIndices(table, 1, "inputs", of: tensors, orAbsent: true),
      outputs: try tensorIndices(table, 2, "outputs", of: tensors),
      intermediates: try tensorIndices(table, 8, "intermediates", of: tensors, orAbsent: true),
      options: try options(table, in: .first, of: kernel, calls: &calls),
      options2: try options(table, in: .second, of: kernel, calls: &calls),
      customOptions: try bytes(
        of: table, 5, "custom_options", offsetID: 9, "large_custom_options_offset", sizeID: 10),
      mutatingVariableInputs: try numbers(table, 7, as: UInt8.self, "mutating_variable_inputs") { $0 != 0 })
    reach(info.customOptions.upperBound)
    self.calls[subgraph] += calls
    return info
  }

  /// Tensor indices; -1 stands for an absent operand where that is allowed.
  private mutating func tensorIndices(
    _ table: FlatTable, _ id: Int, _ field: StaticString, of count: Int, orAbsent: Bool = false
  ) throws(FormatError) -> [Int] {
    let indices = try int32s(table, id, field)
    for index in indices where index < (orAbsent ? -1 : 0) || index >= count {
      throw FormatError(
        .invalidIndex, field, offset: table.position, found: .count(index), expected: .below(Int64(count)))
    }
    return indices
  }
}
