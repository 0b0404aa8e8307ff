extension ModelReader {
  mutating func operatorCodes(_ root: FlatTable) throws(FormatError) -> [OperatorCode] {
    try tables(root, 1, "operator_codes") { (reader, table, index) throws(FormatError) in
      try locating(.operatorCode(index)) { () throws(FormatError) in try reader.operatorCode(table) }
    }
  }

  private mutating func operatorCode(_ table: FlatTable) throws(FormatError) -> OperatorCode {
    // Codes up to 126 stand in both fields; larger ones only in the new field, with 127 in the old one.
    let narrow = Int(try table.number(0, "deprecated_builtin_code", default: Int8(0)))
    let wide = Int(try table.number(3, "builtin_code", default: Int32(0)))
    let version = Int(try table.number(2, "version", default: Int32(1)))
    let name = try string(table, 1, "custom_code")
    let code = max(narrow, wide)
    guard code >= 0 else {
      throw FormatError(
        .invalidValue, "builtin_code", offset: table.position, found: .count(code), expected: .atLeast(0))
    }
    guard version >= 1 else {
      throw FormatError(.invalidValue, "version", offset: table.position, found: .count(version), expected: .atLeast(1))
    }
    guard code != OperatorCode.custom || !name.isEmpty else {
      throw FormatError(
        .missing, "custom_code", offset: table.position, expected: .text("the name of a custom operator"))
    }
    return OperatorCode(builtin: code, customText: code == OperatorCode.custom ? name : Text(), version: version)
  }

  mutating func buffers(_ root: FlatTable) throws(FormatError) -> [Range<Int>] {
    try tables(root, 4, "buffers") { (reader, table, index) throws(FormatError) in
      let range = try locating(.buffer(index)) { () throws(FormatError) in try reader.buffer(table) }
      reader.reach(range.upperBound)
      return index == 0 ? 0..<0 : range
    }
  }

  /// Buffers may share bytes: nothing writes to them.
  private func buffer(_ table: FlatTable) throws(FormatError) -> Range<Int> {
    try bytes(of: table, 0, "data", offsetID: 1, "offset", sizeID: 2)
  }

  /// A byte vector inside the flatbuffer, or, where the offset is larger than 1, bytes behind it, counted from the start
  /// of the file.
  func bytes(
    of table: FlatTable, _ id: Int, _ field: StaticString, offsetID: Int, _ offsetField: StaticString, sizeID: Int
  ) throws(FormatError) -> Range<Int> {
    let offset = try table.number(offsetID, offsetField, default: UInt64(0))
    let size = try table.number(sizeID, offsetField, default: UInt64(0))
    guard offset > 1 else { return try table.vector(id, elementBytes: 1, field)?.range ?? 0..<0 }
    guard let start = Int(exactly: offset), let count = Int(exactly: size), reader.contains(start, count) else {
      throw FormatError(
        .outOfBounds, offsetField, offset: table.position, found: .count(offset),
        expected: .atMost(Int64(UInt64(reader.count) - min(size, UInt64(reader.count)))))
    }
    return start..<start + count
  }

  mutating func externalGroups(_ root: FlatTable) throws(FormatError) -> [ExternalGroup] {
    let names = try tables(root, 8, "external_buffer_groups") { (reader, table, _) throws(FormatError) in
      try reader.string(table, 0, "name")
    }
    return try tables(root, 9, "external_buffers") { (reader, table, _) throws(FormatError) in
      let group = Int(clamping: try table.number(1, "group", default: UInt32(0)))
      return ExternalGroup(
        id: try table.number(0, "id", default: UInt32(0)), name: group < names.count ? names[group] : Text())
    }
  }

  mutating func metadata(_ root: FlatTable) throws(FormatError) -> [Metadata] {
    try tables(root, 6, "metadata") { (reader, table, index) throws(FormatError) in
      let name = try locating(.metadata(index)) { () throws(FormatError) in try reader.string(table, 0, "name") }
      return try locating(.metadata(index), name) { () throws(FormatError) in
        Metadata(text: name, buffer: try reader.metadataBuffer(table))
      }
    }
  }

  private func metadataBuffer(_ table: FlatTable) throws(FormatError) -> Int {
    let buffer = Int(clamping: try table.number(1, "buffer", default: UInt32(0)))
    guard buffer < buffers.count else {
      throw FormatError(
        .invalidIndex, "buffer", offset: table.position, found: .count(buffer), expected: .below(Int64(buffers.count)))
    }
    return buffer
  }
}
