/// A FlexBuffer whose root is a map, as custom operators store their options. Every offset is checked.
///
/// Layout, read from the end: the root's width in bytes, its packed type (kind in the upper six bits, the width of what it
/// leads to in the lower two), the root itself. Offsets lead backward from where they stand. A map is a vector of values
/// with its count before them, the packed types behind them, and before the count the keys' vector and its width.
public struct FlexBuffer: Sendable {
  private let bytes: ModelBytes
  private let range: Range<Int>
  private let values: Vector
  private let keys: Vector

  struct Vector {
    /// Position of the first element.
    let start: Int
    let count: Int
    let width: Int
  }

  private enum Kind {
    static let int: UInt8 = 1
    static let uint: UInt8 = 2
    static let float: UInt8 = 3
    static let string: UInt8 = 5
    static let indirectInt: UInt8 = 6
    static let indirectUInt: UInt8 = 7
    static let indirectFloat: UInt8 = 8
    static let map: UInt8 = 9
    static let bool: UInt8 = 26
  }

  /// - Parameter range: where in `bytes` the FlexBuffer lies, such as `OperatorInfo.customOptions`.
  /// - Throws: `FormatError` when it is not a map or reaches outside `range`.
  public init(_ bytes: ModelBytes, in range: Range<Int>) throws(FormatError) {
    self.bytes = bytes
    self.range = range
    let reader = ByteReader(bytes)
    guard range.count >= 3, let width = reader.load(UInt8.self, at: range.upperBound - 1),
      let type = reader.load(UInt8.self, at: range.upperBound - 2), width <= 8, width.nonzeroBitCount == 1
    else { throw Self.outside(range.lowerBound) }
    guard type >> 2 == Kind.map else {
      throw FormatError(
        .invalidValue, "custom_options", offset: range.upperBound - 2, found: .text("a value that is no map"),
        expected: .text("a FlexBuffer map"))
    }
    let elementWidth = 1 << Int(type & 3)
    let start = try Self.follow(reader, range, range.upperBound - 2 - Int(width), Int(width))
    values = try Self.vector(reader, range, start, elementWidth, typed: true)
    let keysWidth = try Self.unsigned(reader, range, start - 2 * elementWidth, elementWidth)
    guard keysWidth >= 1, keysWidth <= 8, keysWidth.nonzeroBitCount == 1 else { throw Self.outside(start) }
    let keysStart = try Self.follow(reader, range, start - 3 * elementWidth, elementWidth)
    keys = try Self.vector(reader, range, keysStart, keysWidth, typed: false)
    guard keys.count == values.count else { throw Self.outside(keysStart) }
  }

  /// The value as a whole number, floats truncated; `nil` when the map has no such key.
  public func int(_ key: StaticString) throws(FormatError) -> Int? {
    guard let (kind, bits) = try number(key) else { return nil }
    switch bits {
    case .integer(let value): return value
    case .real(let value):
      guard let whole = Int(exactly: value.rounded(.towardZero)) else { throw wrongKind(key, kind, "a whole number") }
      return whole
    }
  }

  /// The value as a number; `nil` when the map has no such key.
  public func float(_ key: StaticString) throws(FormatError) -> Float? {
    guard let (_, bits) = try number(key) else { return nil }
    switch bits {
    case .integer(let value): return Float(value)
    case .real(let value): return Float(value)
    }
  }

  /// Whether the value is not 0; `nil` when the map has no such key.
  public func bool(_ key: StaticString) throws(FormatError) -> Bool? {
    guard let (_, bits) = try number(key) else { return nil }
    switch bits {
    case .integer(let value): return value != 0
    case .real(let value): return value != 0
    }
  }

  /// The text; `nil` when the map has no such key.
  public func string(_ key: StaticString) throws(FormatError) -> String? {
    guard let index = try index(of: key) else { return nil }
    let reader = ByteReader(bytes)
    let (kind, width) = packedType(of: index, reader)
    guard kind == Kind.string else { throw wrongKind(key, kind, "text") }
    let start = try Self.follow(reader, range, values.start + index * values.width, values.width)
    let count = try Self.unsigned(reader, range, start - width, width)
    guard count <= range.upperBound - start else { throw Self.outside(start) }
    return reader.text(start..<start + count).string
  }

  private enum Number {
    case integer(Int)
    case real(Double)
  }

  private func number(_ key: StaticString) throws(FormatError) -> (kind: UInt8, Number)? {
    guard let index = try index(of: key) else { return nil }
    let reader = ByteReader(bytes)
    let (kind, childWidth) = packedType(of: index, reader)
    let isIndirect = kind >= Kind.indirectInt && kind <= Kind.indirectFloat
    let slot = values.start + index * values.width
    let position = isIndirect ? try Self.follow(reader, range, slot, values.width) : slot
    let width = isIndirect ? childWidth : values.width
    switch kind {
    case Kind.int, Kind.indirectInt:
      return (kind, .integer(try Self.signed(reader, range, position, width)))
    case Kind.uint, Kind.indirectUInt, Kind.bool:
      return (kind, .integer(try Self.unsigned(reader, range, position, width)))
    case Kind.float, Kind.indirectFloat:
      return (kind, .real(try Self.real(reader, range, position, width)))
    default: throw wrongKind(key, kind, "a number")
    }
  }

  private func packedType(of index: Int, _ reader: ByteReader) -> (kind: UInt8, childWidth: Int) {
    let packed = reader.load(UInt8.self, at: values.start + values.count * values.width + index) ?? 0
    return (packed >> 2, 1 << Int(packed & 3))
  }

  private func index(of key: StaticString) throws(FormatError) -> Int? {
    let reader = ByteReader(bytes)
    for index in 0..<keys.count {
      let position = try Self.follow(reader, range, keys.start + index * keys.width, keys.width)
      if matches(key, at: position, reader) { return index }
    }
    return nil
  }

  /// Whether `key` and a NUL stand at `position`.
  private func matches(_ key: StaticString, at position: Int, _ reader: ByteReader) -> Bool {
    guard range.upperBound - position > key.utf8CodeUnitCount else { return false }
    for index in 0..<key.utf8CodeUnitCount where reader.load(UInt8.self, at: position + index) != key.byte(index) {
      return false
    }
    return reader.load(UInt8.self, at: position + key.utf8CodeUnitCount) == 0
  }

  private func wrongKind(_ key: StaticString, _ kind: UInt8, _ expected: StaticString) -> FormatError {
    var name = Text("custom_options.")
    name.add(key)
    return FormatError(.invalidValue, "custom_options", found: .integer(Int64(kind)), expected: .text(expected))
      .renamed(name)
  }
}
