/// Walks the file's tables and copies what they say into model types, checking every offset on the way.
///
/// What a value means (does the index exist, do the bytes fit the shape) is checked where it is read when the reader knows
/// enough, and by the verifier otherwise.
struct ModelReader {
  let bytes: ModelBytes
  let reader: ByteReader
  /// Bytes that may still be visited.
  private var budget: Int

  init(_ bytes: ModelBytes, limits: ModelLimits) {
    self.bytes = bytes
    reader = ByteReader(bytes)
    budget = limits.budget(forFileOf: bytes.count)
  }

  /// The root table after the identifier has been checked.
  func root() throws(FormatError) -> FlatTable {
    guard reader.count >= 8 else {
      throw FormatError(.tooShort, found: .count(reader.count), expected: .atLeast(8))
    }
    guard reader.load(UInt32.self, at: 4) == 0x334C_4654 else {
      throw FormatError(.notAModel, offset: 4, expected: .text("the identifier TFL3"))
    }
    return try FlatTable(reader, at: reader.follow(at: 0, "root"), "root")
  }

  private mutating func spend(_ vector: FlatVector, _ field: StaticString) throws(FormatError) {
    let size = vector.count * vector.elementBytes + 8
    guard size <= budget else {
      throw FormatError(
        .limitExceeded, field, offset: vector.start, found: .count(size), expected: .atMost(Int64(budget)))
    }
    budget -= size
  }

  /// The tables that a vector of offsets leads to, each passed to `body` with its index.
  mutating func tables<Element>(
    _ table: FlatTable, _ id: Int, _ field: StaticString,
    _ body: (inout ModelReader, FlatTable, Int) throws(FormatError) -> Element
  ) throws(FormatError) -> [Element] {
    guard let vector = try table.vector(id, elementBytes: 4, field) else { return [] }
    try spend(vector, field)
    var elements: [Element] = []
    elements.reserveCapacity(vector.count)
    for index in 0..<vector.count {
      elements.append(try body(&self, vector.table(index, field), index))
    }
    return elements
  }

  /// The numbers of a vector, converted by `transform`.
  mutating func numbers<Number: FixedWidthInteger & BitwiseCopyable, Element>(
    _ table: FlatTable, _ id: Int, as type: Number.Type, _ field: StaticString, _ transform: (Number) -> Element
  ) throws(FormatError) -> [Element] {
    guard let vector = try table.vector(id, elementBytes: MemoryLayout<Number>.size, field) else { return [] }
    try spend(vector, field)
    var elements: [Element] = []
    elements.reserveCapacity(vector.count)
    for index in 0..<vector.count {
      elements.append(transform(try vector.number(index, as: type, field)))
    }
    return elements
  }

  mutating func int32s(_ table: FlatTable, _ id: Int, _ field: StaticString) throws(FormatError) -> [Int] {
    try numbers(table, id, as: Int32.self, field) { Int($0) }
  }

  mutating func string(_ table: FlatTable, _ id: Int, _ field: StaticString) throws(FormatError) -> String {
    guard let vector = try table.vector(id, elementBytes: 1, field) else { return "" }
    try spend(vector, field)
    return reader.text(vector.range)
  }

  /// An option table of a union, whose members this reader leaves in the file.
  func options(
    _ table: FlatTable, typeID: Int, _ typeField: StaticString, _ field: StaticString
  ) throws(FormatError) -> OptionTable {
    let type = Int(try table.number(typeID, typeField, default: UInt8(0)))
    guard type != 0, let options = try table.table(typeID + 1, field) else {
      return OptionTable(type: 0, bytes: bytes, position: 0)
    }
    return OptionTable(type: type, bytes: bytes, position: options.position)
  }
}
