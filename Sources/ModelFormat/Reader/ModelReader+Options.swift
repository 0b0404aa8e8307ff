/// What the reader knows of an operator code while it reads the operators.
struct Kernel {
  let name: Text
  /// What the schema says; `nil` for codes that are newer than this library.
  let entry: BuiltinOperators.Entry?

  static func all(_ codes: [OperatorCode]) -> [Kernel] {
    zip(codes, BuiltinOperators.entries(codes)).map { Kernel(name: $0.name($1), entry: $1) }
  }

  /// The union member that belongs to the operator, 0 = none, `nil` = unknown.
  func optionType(in union: OptionUnion) -> Int? {
    entry.map { union == .first ? $0.options : $0.options2 }
  }
}

extension ModelReader {
  /// The option table of `union`, every field checked, and the subgraphs that it names.
  mutating func options(
    _ operatorTable: FlatTable, in union: OptionUnion, of kernel: Kernel, calls: inout [Int]
  ) throws(FormatError) -> OptionTable {
    let type = Int(try operatorTable.number(union.typeID, union.typeField, default: UInt8(0)))
    guard type != 0, let table = try operatorTable.table(union.typeID + 1, union.field) else {
      try requireNoCalls(of: kernel, in: union)
      return OptionTable(type: 0, bytes: bytes, extent: nil)
    }
    if let expected = kernel.optionType(in: union), expected != type {
      throw FormatError(
        .optionsMismatch, union.typeField, offset: table.position, found: ownerText(type, union),
        expected: expected == 0 ? .text("none") : ownerText(expected, union))
    }
    try verify(table, type: type, in: union, calls: &calls)
    return OptionTable(type: type, bytes: bytes, extent: table.extent)
  }

  private func ownerText(_ type: Int, _ union: OptionUnion) -> FormatError.Value {
    var text = BuiltinOperators.owner(ofOptions: type, in: union)
    text.add(" (")
    text.add(type)
    text.add(")")
    return .name(text)
  }

  /// An operator without a table reads every field as its default; subgraph indices have no sensible one.
  private func requireNoCalls(of kernel: Kernel, in union: OptionUnion) throws(FormatError) {
    let list = OptionSchema.fields(kernel.optionType(in: union) ?? 0, in: union)
    try OptionSchema.forEachField(of: list) { field throws(FormatError) in
      if field.kind == UInt8(ascii: "g") || field.kind == UInt8(ascii: "G") {
        throw FormatError(.missing, union.field, expected: .text("a table that names the subgraphs to call"))
      }
    }
  }

  private mutating func verify(
    _ table: FlatTable, type: Int, in union: OptionUnion, calls: inout [Int]
  ) throws(FormatError) {
    let list = OptionSchema.fields(type, in: union)
    let first = calls.count
    try OptionSchema.forEachField(of: list) { field throws(FormatError) in
      do throws(FormatError) {
        try verify(table, field, union.field, calls: &calls)
      } catch {
        var name = Text(union.field)
        name.add(".")
        name.add(list.text(field.name))
        throw error.renamed(name)
      }
    }
    let whileType = union == .first ? 93 : 15
    if Selection.hasSubgraphs, type == whileType, calls[first] == calls[first + 1] {
      throw FormatError(
        .callCycle, "builtin_options.body_subgraph_index", offset: table.position, found: .count(calls[first]),
        expected: .text("another subgraph than the condition"))
    }
  }

  private mutating func verify(
    _ table: FlatTable, _ field: OptionSchema.Field, _ name: StaticString, calls: inout [Int]
  ) throws(FormatError) {
    switch field.kind {
    case UInt8(ascii: "p"), UInt8(ascii: "m"): try enumeration(table, field.id, name, last: 1)
    case UInt8(ascii: "a"): try enumeration(table, field.id, name, last: 5)
    case UInt8(ascii: "t"): try enumeration(table, field.id, name, last: 22)
    case UInt8(ascii: "e"): try enumeration(table, field.id, name, last: 127)
    case UInt8(ascii: "b"): _ = try table.number(field.id, name, default: UInt8(0))
    case UInt8(ascii: "i"), UInt8(ascii: "u"): _ = try table.number(field.id, name, default: UInt32(0))
    case UInt8(ascii: "q"): _ = try table.number(field.id, name, default: Int64(0))
    case UInt8(ascii: "f"): try number(table, field.id, name)
    case UInt8(ascii: "s"), UInt8(ascii: "B"): try visit(table, field.id, elementBytes: 1, name)
    case UInt8(ascii: "I"), UInt8(ascii: "U"), UInt8(ascii: "F"): try visit(table, field.id, elementBytes: 4, name)
    case UInt8(ascii: "Q"): try visit(table, field.id, elementBytes: 8, name)
    case UInt8(ascii: "g"), UInt8(ascii: "G"): try subgraphIndices(table, field, name, calls: &calls)
    default: break
    }
  }

  private mutating func subgraphIndices(
    _ table: FlatTable, _ field: OptionSchema.Field, _ name: StaticString, calls: inout [Int]
  ) throws(FormatError) {
    guard Selection.hasSubgraphs else { throw FormatError(.notBuilt, name, offset: table.position) }
    if field.kind == UInt8(ascii: "g") {
      calls.append(try subgraphIndex(Int(table.number(field.id, name, default: Int32(0))), table, name))
    } else {
      for index in try int32s(table, field.id, name) { calls.append(try subgraphIndex(index, table, name)) }
    }
  }

  private func enumeration(
    _ table: FlatTable, _ id: Int, _ name: StaticString, last: Int8
  ) throws(FormatError) {
    let value = try table.number(id, name, default: Int8(0))
    guard value >= 0, value <= last else {
      throw FormatError(
        .invalidValue, name, offset: table.position, found: .count(value), expected: .below(Int64(last) + 1))
    }
  }

  private func number(_ table: FlatTable, _ id: Int, _ name: StaticString) throws(FormatError) {
    guard !Float(bitPattern: try table.number(id, name, default: UInt32(0))).isNaN else {
      throw FormatError(.invalidValue, name, offset: table.position, found: .text("NaN"), expected: .text("a number"))
    }
  }

  private func subgraphIndex(_ index: Int, _ table: FlatTable, _ name: StaticString) throws(FormatError) -> Int {
    guard index >= 0, index < subgraphCount else {
      throw FormatError(
        .invalidIndex, name, offset: table.position, found: .count(index), expected: .below(Int64(subgraphCount)))
    }
    return index
  }
}
