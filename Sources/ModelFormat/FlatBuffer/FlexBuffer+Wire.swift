/// Numbers and offsets inside `range`, of 1, 2, 4 or 8 bytes.
extension FlexBuffer {
  static func outside(_ position: Int) -> FormatError {
    FormatError(.outOfBounds, "custom_options", offset: position, expected: .text("a FlexBuffer map"))
  }

  /// The vector at `start`; its count stands before it, and `typed` ones have a packed type for each element behind them.
  static func vector(
    _ reader: ByteReader, _ range: Range<Int>, _ start: Int, _ width: Int, typed: Bool
  ) throws(FormatError) -> Vector {
    let count = try unsigned(reader, range, start - width, width)
    guard count <= (range.upperBound - start) / (width + (typed ? 1 : 0)) else { throw outside(start) }
    return Vector(start: start, count: count, width: width)
  }

  static func follow(
    _ reader: ByteReader, _ range: Range<Int>, _ position: Int, _ width: Int
  ) throws(FormatError) -> Int {
    let distance = try unsigned(reader, range, position, width)
    guard distance <= position - range.lowerBound else { throw outside(position) }
    return position - distance
  }

  private static func check(_ range: Range<Int>, _ position: Int, _ width: Int) throws(FormatError) {
    guard position >= range.lowerBound, width <= range.upperBound - position else { throw outside(position) }
  }

  static func unsigned(
    _ reader: ByteReader, _ range: Range<Int>, _ position: Int, _ width: Int
  ) throws(FormatError) -> Int {
    try check(range, position, width)
    let value: UInt64? =
      switch width {
      case 1: reader.load(UInt8.self, at: position).map { UInt64($0) }
      case 2: reader.load(UInt16.self, at: position).map { UInt64($0) }
      case 4: reader.load(UInt32.self, at: position).map { UInt64($0) }
      default: reader.load(UInt64.self, at: position)
      }
    guard let value, let number = Int(exactly: value) else { throw outside(position) }
    return number
  }

  static func signed(
    _ reader: ByteReader, _ range: Range<Int>, _ position: Int, _ width: Int
  ) throws(FormatError) -> Int {
    try check(range, position, width)
    let value: Int64? =
      switch width {
      case 1: reader.load(Int8.self, at: position).map { Int64($0) }
      case 2: reader.load(Int16.self, at: position).map { Int64($0) }
      case 4: reader.load(Int32.self, at: position).map { Int64($0) }
      default: reader.load(Int64.self, at: position)
      }
    guard let value, let number = Int(exactly: value) else { throw outside(position) }
    return number
  }

  static func real(
    _ reader: ByteReader, _ range: Range<Int>, _ position: Int, _ width: Int
  ) throws(FormatError) -> Double {
    try check(range, position, width)
    switch width {
    case 4: return Double(Float(bitPattern: try reader.load(UInt32.self, at: position, "custom_options")))
    case 8: return Double(bitPattern: try reader.load(UInt64.self, at: position, "custom_options"))
    default: throw outside(position)
    }
  }
}
