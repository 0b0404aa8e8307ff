extension ModelReader {
  mutating func operatorCodes(_ root: FlatTable) throws(FormatError) -> [OperatorCode] {
    try tables(root, 1, "operator_codes") { (reader, table, index) throws(FormatError) in
      try locating(.operatorCode(index)) { () throws(FormatError) in
        // Codes up to 126 stand in both fields; larger ones only in the new field, with 127 in the old one.
        let narrow = Int(try table.number(0, "deprecated_builtin_code", default: Int8(0)))
        let wide = Int(try table.number(3, "builtin_code", default: Int32(0)))
        let version = Int(try table.number(2, "version", default: Int32(1)))
        let code = max(narrow, wide)
        guard code >= 0 else {
          throw FormatError(
            .invalidValue, "builtin_code", offset: table.position, found: .count(code), expected: .atLeast(0))
        }
        guard version >= 1 else {
          throw FormatError(
            .invalidValue, "version", offset: table.position, found: .count(version), expected: .atLeast(1))
        }
        return OperatorCode(
          builtin: code, customName: try reader.string(table, 1, "custom_code"), version: version)
      }
    }
  }

  mutating func buffers(_ root: FlatTable) throws(FormatError) -> [Range<Int>] {
    try tables(root, 4, "buffers") { (reader, table, index) throws(FormatError) in
      try locating(.buffer(index)) { () throws(FormatError) in try reader.buffer(table) }
    }
  }

  /// Data inside the flatbuffer, or behind it at `offset` when that is larger than 1.
  private func buffer(_ table: FlatTable) throws(FormatError) -> Range<Int> {
    let offset = try table.number(1, "offset", default: UInt64(0))
    let size = try table.number(2, "size", default: UInt64(0))
    guard offset > 1 else { return try table.vector(0, elementBytes: 1, "data")?.range ?? 0..<0 }
    guard let start = Int(exactly: offset), let count = Int(exactly: size), reader.contains(start, count) else {
      throw FormatError(
        .outOfBounds, "offset", offset: table.position, found: .count(offset),
        expected: .atMost(Int64(clamping: UInt64(reader.count) &- min(size, UInt64(reader.count)))))
    }
    return start..<start + count
  }

  mutating func metadata(_ root: FlatTable) throws(FormatError) -> [Metadata] {
    try tables(root, 6, "metadata") { (reader, table, index) throws(FormatError) in
      try locating(.metadata(index)) { () throws(FormatError) in
        let name = try reader.string(table, 0, "name")
        let buffer = try table.number(1, "buffer", default: UInt32(0))
        return Metadata(name: name, buffer: Int(clamping: buffer))
      }
    }
  }

  mutating func signatures(_ root: FlatTable) throws(FormatError) -> [Signature] {
    try tables(root, 7, "signature_defs") { (reader, table, index) throws(FormatError) in
      let key = try reader.string(table, 2, "signature_key")
      return try locating(.signature(index), key) { () throws(FormatError) in
        Signature(
          key: key, subgraph: Int(clamping: try table.number(4, "subgraph_index", default: UInt32(0))),
          inputs: try reader.signatureTensors(table, 0, "inputs"),
          outputs: try reader.signatureTensors(table, 1, "outputs"))
      }
    }
  }

  private mutating func signatureTensors(
    _ table: FlatTable, _ id: Int, _ field: StaticString
  ) throws(FormatError) -> [SignatureTensor] {
    try tables(table, id, field) { (reader, table, _) throws(FormatError) in
      SignatureTensor(
        name: try reader.string(table, 0, "name"),
        tensor: Int(clamping: try table.number(1, "tensor_index", default: UInt32(0))))
    }
  }
}
