/// A value of a FlatBuffers field.
public indirect enum FieldValue: Sendable {
  case bool(Bool)
  case int8(Int8)
  case uint8(UInt8)
  case int16(Int16)
  case int32(Int32)
  case uint32(UInt32)
  case int64(Int64)
  case uint64(UInt64)
  case float(Float)
  case string(String)
  case bytes([UInt8])
  case bools([Bool])
  case uint16Vector([UInt16])
  case int32Vector([Int32])
  case int64Vector([Int64])
  case floatVector([Float])
  case table(TableSpec)
  case tableVector([TableSpec])
  /// An offset as it will stand in the file, wherever it leads.
  case rawOffset(UInt32)
  /// Written once, behind everything else, for all fields that give the same number.
  case shared(Int, FieldValue)
}

/// A FlatBuffers table: field values by id. An absent field reads as its default.
public struct TableSpec: Sendable {
  public var fields: [Int: FieldValue]

  public init(_ fields: [Int: FieldValue] = [:]) { self.fields = fields }

  public subscript(id: Int) -> FieldValue? {
    get { fields[id] }
    set { fields[id] = newValue }
  }
}

extension FieldValue {
  /// The bytes of a scalar, `nil` for what is stored behind an offset.
  fileprivate var inline: [UInt8]? {
    switch self {
    case .bool(let value): [value ? 1 : 0]
    case .int8(let value): value.littleEndianBytes
    case .uint8(let value): [value]
    case .int16(let value): value.littleEndianBytes
    case .int32(let value): value.littleEndianBytes
    case .uint32(let value), .rawOffset(let value): value.littleEndianBytes
    case .int64(let value): value.littleEndianBytes
    case .uint64(let value): value.littleEndianBytes
    case .float(let value): value.bitPattern.littleEndianBytes
    default: nil
    }
  }
}

extension FixedWidthInteger {
  var littleEndianBytes: [UInt8] { (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}

/// Writes tables front to back: every offset leads forward, every scalar is aligned to its size, byte vectors to 16.
struct FlatWriter {
  private(set) var bytes: [UInt8] = []
  private var shared: [Int: (value: FieldValue, positions: [Int])] = [:]

  /// The file with `root` behind the identifier "TFL3".
  static func file(_ root: TableSpec) -> [UInt8] {
    var writer = FlatWriter()
    writer.bytes = [0, 0, 0, 0] + Array("TFL3".utf8)
    writer.patch(0, writer.write(root))
    for (_, entry) in writer.shared.sorted(by: { $0.key < $1.key }) {
      let target = writer.writeBehind(entry.value)
      for position in entry.positions { writer.patch(position, target) }
    }
    writer.pad(to: 16)
    return writer.bytes
  }

  /// Appends the table and what it leads to; returns its position.
  private mutating func write(_ table: TableSpec) -> Int {
    let fields = table.fields.sorted { ($1.value.size, $0.key) < ($0.value.size, $1.key) }
    let vtableCount = 4 + 2 * ((table.fields.keys.max() ?? -1) + 1)
    var layout = Array(repeating: 0, count: vtableCount / 2)
    var tableCount = 4
    for (id, value) in fields {
      tableCount = (tableCount + value.size - 1) / value.size * value.size
      layout[2 + id] = tableCount
      tableCount += value.size
    }
    layout[0] = vtableCount
    layout[1] = tableCount
    pad(to: 8, before: vtableCount)
    let vtable = bytes.count
    for entry in layout { bytes += UInt16(entry).littleEndianBytes }
    let position = bytes.count
    bytes += Int32(position - vtable).littleEndianBytes
    bytes += Array(repeating: 0, count: tableCount - 4)
    for (id, value) in fields { write(value, at: position + layout[2 + id]) }
    return position
  }

  private mutating func write(_ value: FieldValue, at position: Int) {
    if let inline = value.inline {
      bytes.replaceSubrange(position..<position + inline.count, with: inline)
    } else if case .shared(let number, let value) = value {
      shared[number, default: (value, [])].positions.append(position)
    } else {
      patch(position, writeBehind(value))
    }
  }

  private mutating func writeBehind(_ value: FieldValue) -> Int {
    switch value {
    case .string(let text): vector(Array(text.utf8) + [0], count: text.utf8.count, alignment: 4)
    case .bytes(let elements): vector(elements, count: elements.count, alignment: 16)
    case .bools(let elements): vector(elements.map { $0 ? 1 : 0 }, count: elements.count, alignment: 4)
    case .uint16Vector(let elements): vector(elements, alignment: 4)
    case .int32Vector(let elements): vector(elements, alignment: 4)
    case .int64Vector(let elements): vector(elements, alignment: 8)
    case .floatVector(let elements): vector(elements.map(\.bitPattern), alignment: 4)
    case .table(let table): write(table)
    case .tableVector(let tables): write(tables)
    default: preconditionFailure("a scalar lies inside its table")
    }
  }

  private mutating func write(_ tables: [TableSpec]) -> Int {
    let position = vector(Array(repeating: UInt32(0), count: tables.count), alignment: 4)
    for (index, table) in tables.enumerated() { patch(position + 4 + 4 * index, write(table)) }
    return position
  }

  private mutating func vector(_ elements: [some FixedWidthInteger], alignment: Int) -> Int {
    vector(elements.flatMap { $0.littleEndianBytes }, count: elements.count, alignment: alignment)
  }

  /// The count stands 4 bytes before the aligned elements.
  private mutating func vector(_ contents: [UInt8], count: Int, alignment: Int) -> Int {
    pad(to: alignment, before: 4)
    let position = bytes.count
    bytes += UInt32(count).littleEndianBytes + contents
    return position
  }

  private mutating func pad(to alignment: Int, before count: Int = 0) {
    while (bytes.count + count) % alignment != 0 { bytes.append(0) }
  }

  private mutating func patch(_ position: Int, _ target: Int) {
    bytes.replaceSubrange(position..<position + 4, with: UInt32(target - position).littleEndianBytes)
  }
}

extension FieldValue {
  /// Bytes inside the table.
  fileprivate var size: Int { inline?.count ?? 4 }
}
