/// A FlatBuffers table whose vtable and extent lie inside the file.
///
/// Layout: an i32 at the table's start, subtracted from its position, gives the vtable: u16 vtable bytes, u16 table bytes,
/// then one u16 per field id with the field's offset from the table's start, 0 = absent.
struct FlatTable: BitwiseCopyable {
  let reader: ByteReader
  let extent: Extent
  var position: Int { extent.position }

  /// Where a table and its vtable lie, once both have been found inside the file.
  struct Extent: Sendable, BitwiseCopyable {
    let position: Int
    fileprivate let vtable, vtableBytes, tableBytes: Int
  }

  /// A table that has been found inside the file of `reader` before.
  init(_ reader: ByteReader, _ extent: Extent) {
    self.reader = reader
    self.extent = extent
  }

  init(_ reader: ByteReader, at position: Int, _ field: StaticString) throws(FormatError) {
    let back = try reader.load(Int32.self, at: position, field)
    let (vtable, overflow) = position.subtractingReportingOverflow(Int(back))
    guard !overflow, let vtableBytes = reader.load(UInt16.self, at: vtable),
      vtableBytes >= 4, vtableBytes % 2 == 0, reader.contains(vtable, Int(vtableBytes)),
      let tableBytes = reader.load(UInt16.self, at: vtable + 2)
    else {
      throw FormatError(.malformedTable, field, offset: position, found: .text("a vtable outside the file"))
    }
    guard tableBytes >= 4, reader.contains(position, Int(tableBytes)) else {
      throw FormatError(
        .malformedTable, field, offset: position, found: .count(tableBytes), expected: .text("bytes inside the file"))
    }
    self.reader = reader
    extent = Extent(
      position: position, vtable: vtable, vtableBytes: Int(vtableBytes), tableBytes: Int(tableBytes))
  }

  /// Behind the table's last byte.
  var end: Int { position + extent.tableBytes }

  /// Where the field lies, `nil` when it is absent.
  @inline(__always)
  func position(of id: Int, bytes: Int, _ field: StaticString) throws(FormatError) -> Int? {
    let entry = 4 + 2 * id
    guard entry + 2 <= extent.vtableBytes,
      let offset = reader.load(UInt16.self, at: extent.vtable + entry), offset != 0
    else {
      return nil
    }
    guard offset >= 4, Int(offset) + bytes <= extent.tableBytes else {
      throw FormatError(
        .malformedTable, field, offset: extent.vtable + entry, found: .count(offset),
        expected: .atMost(Int64(extent.tableBytes - bytes)))
    }
    return position + Int(offset)
  }

  func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ id: Int, _ field: StaticString, default standard: Number
  ) throws(FormatError) -> Number {
    guard let position = try position(of: id, bytes: MemoryLayout<Number>.size, field) else { return standard }
    return try reader.load(Number.self, at: position, field)
  }

  func bool(_ id: Int, _ field: StaticString) throws(FormatError) -> Bool {
    try number(id, field, default: UInt8(0)) != 0
  }

  func table(_ id: Int, _ field: StaticString) throws(FormatError) -> FlatTable? {
    guard let position = try position(of: id, bytes: 4, field) else { return nil }
    return try FlatTable(reader, at: reader.follow(at: position, field), field)
  }

  func vector(_ id: Int, elementBytes: Int, _ field: StaticString) throws(FormatError) -> FlatVector? {
    guard let position = try position(of: id, bytes: 4, field) else { return nil }
    return try FlatVector(reader, at: reader.follow(at: position, field), elementBytes: elementBytes, field)
  }
}
