/// Reads at offsets that come from a file: the checked reads are `nil` outside the bytes and for every overflow.
extension RawSpan {
  /// - Precondition: `0 <= offset < byteCount`.
  func byte(at offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)  // checks the bounds; a byte has no alignment
  }

  func uint8(at offset: Int) -> UInt8? {
    offset >= 0 && offset < byteCount ? byte(at: offset) : nil
  }

  func uint16(at offset: Int, bigEndian: Bool = false) -> UInt16? {
    guard let range = range(at: offset, count: 2) else { return nil }
    let low = UInt16(byte(at: range.lowerBound))
    let high = UInt16(byte(at: range.lowerBound + 1))
    return bigEndian ? low << 8 | high : high << 8 | low
  }

  func uint32(at offset: Int, bigEndian: Bool = false) -> UInt32? {
    guard let range = range(at: offset, count: 4),
      let first = uint16(at: range.lowerBound, bigEndian: bigEndian),
      let second = uint16(at: range.lowerBound + 2, bigEndian: bigEndian)
    else { return nil }
    return bigEndian ? UInt32(first) << 16 | UInt32(second) : UInt32(second) << 16 | UInt32(first)
  }

  func int32(at offset: Int) -> Int32? {
    uint32(at: offset).map(Int32.init(bitPattern:))
  }

  /// `offset..<offset + count` if it lies in the bytes.
  func range(at offset: Int, count: Int) -> Range<Int>? {
    guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else { return nil }
    return offset..<offset + count
  }
}
