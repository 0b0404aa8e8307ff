import CVision

/// The directory of a ZIP archive, which may stand behind other bytes: `.tflite` files carry label files this way.
///
/// Reads stored and deflated entries into memory. Names are compared, never used as paths. ZIP64, encryption and archives
/// in parts are refused. Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.4.
public struct ZipArchive: Sendable {
  /// A file in the archive.
  public struct Entry: Sendable, Equatable {
    /// As stored; may hold anything, path separators included.
    public let name: String
    /// Bytes when unpacked, as the directory states.
    public let byteCount: Int
    let packedByteCount: Int
    let method: UInt16
    let crc32: UInt32
    /// Where the local header begins in the whole bytes.
    let offset: Int
  }

  public let entries: [Entry]

  /// The most entries, and the most bytes of an entry, that are unpacked. Entries stored as they are may be larger: they take no
  /// more than the file does.
  public static let entryLimit = 4096
  public static let byteLimit = 1 << 26

  /// The archive at the end of `bytes`; `nil` when there is none.
  /// - Throws: `VisionError` for a directory that contradicts itself or exceeds the limits.
  public init?(at bytes: RawSpan) throws(VisionError) {
    guard let end = Self.endRecord(bytes) else { return nil }
    guard let count = bytes.uint16(at: end + 10).map(Int.init), let size = bytes.uint32(at: end + 12).map(Int.init),
      let stated = bytes.uint32(at: end + 16).map(Int.init), size <= end, stated <= end - size
    else { throw Self.corrupt("end record", found: "a directory outside the file") }
    guard count <= Self.entryLimit else {
      throw VisionError(
        .tooLarge, place: "ZIP end record", found: "\(count) entries", expected: "at most \(Self.entryLimit)",
        remedy: "pack fewer files")
    }
    let directory = end - size
    let shift = directory - stated  // bytes before the archive, where offsets do not count them
    var offset = directory
    var entries: [Entry] = []
    for _ in 0..<count {
      let (entry, next) = try Self.entry(bytes, at: offset, shift: shift, end: end)
      entries.append(entry)
      offset = next
    }
    self.entries = entries
  }

  /// Where the contents of an entry lie that is stored as it is, so that it can be read in parts; `nil` for deflated ones.
  /// The checksum is not looked at, which would read everything.
  /// - Parameter bytes: those that the archive was read from.
  public func storedRange(of entry: Entry, in bytes: RawSpan) throws(VisionError) -> Range<Int>? {
    guard entry.method == 0 else { return nil }
    let packed = try packedRange(of: entry, in: bytes)
    guard entry.byteCount == packed.count else { throw Self.corrupt(Self.place(entry), found: "two sizes") }
    return packed
  }

  /// The unpacked contents of an entry, checked against its CRC.
  /// - Parameter bytes: those that the archive was read from.
  public func contents(of entry: Entry, in bytes: RawSpan) throws(VisionError) -> [UInt8] {
    let place = Self.place(entry)
    guard entry.method == 0 || entry.byteCount <= Self.byteLimit else {
      throw VisionError(
        .tooLarge, place: "ZIP \(place)", found: "\(entry.byteCount) bytes", expected: "at most \(Self.byteLimit)",
        remedy: "pack smaller files")
    }
    let contents = try Self.unpack(entry, bytes.extracting(packedRange(of: entry, in: bytes)), place: place)
    let checksum = unsafe contents.withUnsafeBufferPointer { unsafe swl_crc32($0.baseAddress, $0.count) }
    guard checksum == entry.crc32 else { throw Self.corrupt(place, found: "another checksum") }
    return contents
  }

  private static func place(_ entry: Entry) -> String { "entry \"\(entry.name)\"" }

  /// Where what is stored of an entry lies, in a form that can be read.
  private func packedRange(of entry: Entry, in bytes: RawSpan) throws(VisionError) -> Range<Int> {
    let place = Self.place(entry)
    guard bytes.uint32(at: entry.offset) == 0x0403_4B50, let flags = bytes.uint16(at: entry.offset + 6),
      let nameLength = bytes.uint16(at: entry.offset + 26), let extraLength = bytes.uint16(at: entry.offset + 28),
      let packed = bytes.range(at: entry.offset + 30 + Int(nameLength) + Int(extraLength), count: entry.packedByteCount)
    else { throw Self.corrupt(place, found: "no local header or data outside the file") }
    guard flags & 1 == 0, entry.method == 0 || entry.method == 8 else {
      throw VisionError(
        .unsupported, place: "ZIP \(place)", found: flags & 1 == 1 ? "encryption" : "method \(entry.method)",
        expected: "stored or deflated", remedy: "pack the file again")
    }
    return packed
  }

  private static func unpack(_ entry: Entry, _ packed: RawSpan, place: String) throws(VisionError) -> [UInt8] {
    if entry.method == 0 {
      guard entry.byteCount == packed.byteCount else { throw corrupt(place, found: "two sizes") }
      return unsafe packed.withUnsafeBytes { unsafe [UInt8]($0) }
    }
    // Deflate shrinks by at most 1032, which bounds what a wrong size can cost.
    guard entry.byteCount / 1032 <= packed.byteCount else { throw corrupt(place, found: "an impossible size") }
    var contents = [UInt8](repeating: 0, count: entry.byteCount)
    let status = unsafe contents.withUnsafeMutableBufferPointer { output in
      unsafe packed.withUnsafeBytes { input in
        unsafe swl_inflate(
          input.bindMemory(to: UInt8.self).baseAddress, input.count, output.baseAddress, output.count)
      }
    }
    guard status == 0 else { throw corrupt(place, found: "a broken deflate stream") }
    return contents
  }

  /// The offset of the end-of-directory record: the last one whose comment ends with the bytes.
  private static func endRecord(_ bytes: RawSpan) -> Int? {
    let last = bytes.byteCount - 22
    guard last >= 0 else { return nil }
    for offset in stride(from: last, through: max(0, last - 0xFFFF), by: -1)
    where bytes.byte(at: offset) == 0x50 && bytes.uint32(at: offset) == 0x0605_4B50 {
      if bytes.uint16(at: offset + 20).map(Int.init) == last - offset { return offset }
    }
    return nil
  }

  private static func entry(
    _ bytes: RawSpan, at offset: Int, shift: Int, end: Int
  ) throws(VisionError) -> (Entry, next: Int) {
    guard bytes.uint32(at: offset) == 0x0201_4B50, let method = bytes.uint16(at: offset + 10),
      let crc32 = bytes.uint32(at: offset + 16), let packed = bytes.uint32(at: offset + 20),
      let unpacked = bytes.uint32(at: offset + 24), let nameLength = bytes.uint16(at: offset + 28),
      let extraLength = bytes.uint16(at: offset + 30), let commentLength = bytes.uint16(at: offset + 32),
      let header = bytes.uint32(at: offset + 42), let name = bytes.range(at: offset + 46, count: Int(nameLength)),
      name.upperBound <= end
    else { throw corrupt("directory", found: "an entry outside the directory") }
    guard packed != .max, unpacked != .max, header != .max else {
      throw VisionError(
        .unsupported, place: "ZIP directory", found: "ZIP64", expected: "32-bit sizes", remedy: "pack the files again")
    }
    let entry = Entry(
      name: String(decoding: name.map { bytes.byte(at: $0) }, as: UTF8.self), byteCount: Int(unpacked),
      packedByteCount: Int(packed), method: method, crc32: crc32, offset: Int(header) + shift)
    return (entry, name.upperBound + Int(extraLength) + Int(commentLength))
  }

  private static func corrupt(_ place: String, found: String) -> VisionError {
    VisionError(
      .corrupt, place: "ZIP \(place)", found: found, expected: "a consistent archive", remedy: "copy the file again")
  }
}
