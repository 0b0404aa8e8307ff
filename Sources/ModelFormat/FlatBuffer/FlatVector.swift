/// A FlatBuffers vector whose elements all lie inside the file: a u32 count, then the elements.
struct FlatVector: BitwiseCopyable {
  let reader: ByteReader
  /// Position of the first element.
  let start: Int
  let count: Int
  let elementBytes: Int

  init(_ reader: ByteReader, at position: Int, elementBytes: Int, _ field: StaticString) throws(FormatError) {
    let stored = try reader.load(UInt32.self, at: position, field)
    let available = (reader.count - position - 4) / elementBytes
    guard let count = Int(exactly: stored), count <= available else {
      throw FormatError(
        .outOfBounds, field, offset: position, found: .count(stored), expected: .atMost(Int64(available)))
    }
    self.reader = reader
    self.start = position + 4
    self.count = count
    self.elementBytes = elementBytes
  }

  /// The bytes of the elements in the file.
  var range: Range<Int> { start..<start + count * elementBytes }

  func position(of index: Int) -> Int { start + index * elementBytes }

  @inline(__always)
  func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ index: Int, as type: Number.Type, _ field: StaticString
  ) throws(FormatError) -> Number {
    try reader.load(type, at: position(of: index), field)
  }

  func table(_ index: Int, _ field: StaticString) throws(FormatError) -> FlatTable {
    try FlatTable(reader, at: reader.follow(at: position(of: index), field), field)
  }
}
