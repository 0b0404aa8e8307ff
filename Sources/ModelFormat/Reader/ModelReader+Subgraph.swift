extension ModelReader {
  mutating func subgraphs(_ root: FlatTable, buffers: [Range<Int>]) throws(FormatError) -> [Subgraph] {
    try tables(root, 2, "subgraphs") { (reader, table, index) throws(FormatError) in
      let name = try reader.string(table, 4, "name")
      return try locating(.subgraph(index), name) { () throws(FormatError) in
        Subgraph(
          name: name,
          tensors: try reader.tensors(table, subgraph: index, buffers: buffers),
          inputs: try reader.int32s(table, 1, "inputs"),
          outputs: try reader.int32s(table, 2, "outputs"),
          operators: try reader.operators(table, subgraph: index))
      }
    }
  }

  private mutating func operators(
    _ table: FlatTable, subgraph: Int
  ) throws(FormatError) -> [OperatorInfo] {
    try tables(table, 3, "operators") { (reader, table, index) throws(FormatError) in
      try locating(.operator(index, subgraph: subgraph)) { () throws(FormatError) in try reader.operatorInfo(table) }
    }
  }

  private mutating func operatorInfo(_ table: FlatTable) throws(FormatError) -> OperatorInfo {
    OperatorInfo(
      code: Int(clamping: try table.number(0, "opcode_index", default: UInt32(0))),
      inputs: try int32s(table, 1, "inputs"),
      outputs: try int32s(table, 2, "outputs"),
      intermediates: try int32s(table, 8, "intermediates"),
      options: try options(table, typeID: 3, "builtin_options_type", "builtin_options"),
      options2: try options(table, typeID: 11, "builtin_options_2_type", "builtin_options_2"),
      customOptions: try customOptions(table),
      mutatingVariableInputs: try numbers(table, 7, as: UInt8.self, "mutating_variable_inputs") { $0 != 0 })
  }

  /// Inside the flatbuffer, or behind it at `large_custom_options_offset` when that is larger than 1.
  private func customOptions(_ table: FlatTable) throws(FormatError) -> Range<Int> {
    let offset = try table.number(9, "large_custom_options_offset", default: UInt64(0))
    let size = try table.number(10, "large_custom_options_size", default: UInt64(0))
    guard offset > 1 else { return try table.vector(5, elementBytes: 1, "custom_options")?.range ?? 0..<0 }
    guard let start = Int(exactly: offset), let count = Int(exactly: size), reader.contains(start, count) else {
      throw FormatError(
        .outOfBounds, "large_custom_options_offset", offset: table.position, found: .count(offset),
        expected: .below(Int64(reader.count)))
    }
    return start..<start + count
  }
}
