/// Bounds-checked loads of little-endian numbers at any alignment. Valid as long as the `ModelBytes` it was made from.
@safe
struct ByteReader: BitwiseCopyable {
  private let base: UnsafeRawPointer
  let count: Int

  init(_ bytes: ModelBytes) {
    unsafe base = bytes.base
    count = bytes.count
  }

  @inline(__always)
  func contains(_ position: Int, _ size: Int) -> Bool {
    position >= 0 && size >= 0 && size <= count && position <= count - size
  }

  /// The number at `position`, `nil` where it does not lie wholly inside.
  @inline(__always)
  func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at position: Int) -> Number? {
    guard contains(position, MemoryLayout<Number>.size) else { return nil }
    return unsafe Number(littleEndian: base.loadUnaligned(fromByteOffset: position, as: Number.self))
  }

  @inline(__always)
  func load<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, at position: Int, _ field: StaticString
  ) throws(FormatError) -> Number {
    guard let number = load(type, at: position) else {
      throw FormatError(
        .outOfBounds, field, offset: position, found: .text("the end of the file"), expected: .text("a number"))
    }
    return number
  }

  /// The position that the offset stored at `position` leads to.
  func follow(at position: Int, _ field: StaticString) throws(FormatError) -> Int {
    let distance = try load(UInt32.self, at: position, field)
    guard distance > 0, distance < UInt32(clamping: count), contains(position, Int(distance)) else {
      throw FormatError(
        .outOfBounds, field, offset: position, found: .count(distance), expected: .below(Int64(count - position)))
    }
    return position + Int(distance)
  }

  /// The text in `range`, which must lie inside.
  func text(_ range: Range<Int>) -> Text {
    var text = Text()
    guard contains(range.lowerBound, range.count) else { return text }
    unsafe text.add((base + range.lowerBound).assumingMemoryBound(to: UInt8.self), count: range.count)
    return text
  }
}
