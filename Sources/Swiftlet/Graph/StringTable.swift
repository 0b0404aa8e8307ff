import ModelFormat

/// The bytes of a string tensor: an int32 count, `count + 1` int32 offsets into the bytes, then the strings.
///
/// Tables of a caller are checked when they are given, those of the file when it is read; an index outside the table is
/// an empty string all the same.
@safe struct StringTable {
  private let base: UnsafeRawPointer
  let byteCount: Int

  init(_ base: UnsafeRawPointer, byteCount: Int) {
    unsafe self.base = base
    self.byteCount = byteCount
  }

  var count: Int {
    guard byteCount >= 4 else { return 0 }
    return Int(max(0, unsafe base.loadUnaligned(as: Int32.self)))
  }

  /// Where string `index` is in the bytes.
  func range(_ index: Int) -> Range<Int> {
    guard index >= 0, index < count, byteCount >= 12, index <= (byteCount - 12) / 4 else { return 0..<0 }
    let start = Int(unsafe base.loadUnaligned(fromByteOffset: (index + 1) * 4, as: Int32.self))
    let end = Int(unsafe base.loadUnaligned(fromByteOffset: (index + 2) * 4, as: Int32.self))
    guard start >= 0, start <= end, end <= byteCount else { return 0..<0 }
    return start..<end
  }

  func bytes(_ index: Int) -> [UInt8] {
    let range = range(index)
    return unsafe Array(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  /// Whether the table holds `wanted` strings, one behind the other.
  func isValid(count wanted: Int) -> Bool {
    guard count == wanted, wanted <= (byteCount - 8) / 4 else { return false }
    var end = 8 + wanted * 4
    for index in 0...wanted {
      let offset = Int(unsafe base.loadUnaligned(fromByteOffset: (index + 1) * 4, as: Int32.self))
      guard offset >= end, offset <= byteCount else { return false }
      end = offset
    }
    return end == byteCount
  }

  /// The bytes of a table of `strings`; `nil` when they are too long for its offsets.
  static func bytes(of strings: [[UInt8]]) -> [UInt8]? {
    var offset = 8 + strings.count * 4
    var table: [UInt8] = []
    func append(_ value: Int) -> Bool {
      guard let value = Int32(exactly: value) else { return false }
      for shift in 0..<4 { table.append(UInt8(truncatingIfNeeded: value >> Int32(8 * shift))) }
      return true
    }
    guard append(strings.count), append(offset) else { return nil }
    for string in strings {
      offset += string.count
      guard append(offset) else { return nil }
    }
    for string in strings { table += string }
    return table
  }
}

extension Invocation {
  /// The strings of `tensor`.
  func strings(_ tensor: TensorReference) -> StringTable {
    unsafe StringTable(UnsafeRawPointer(pointer(tensor.operand)), byteCount: byteCount(tensor))
  }
}
