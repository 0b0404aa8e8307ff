import CVision

extension ZipArchive {
  /// An archive of files as they are, without compression and without times, so that equal files give equal bytes.
  ///
  /// - Parameters:
  ///   - files: names of at most 65535 bytes, contents below 4 GiB, at most `entryLimit` of them.
  ///   - offset: bytes that stand before the archive in its file.
  /// - Precondition: the limits hold.
  public static func bytes(of files: [(name: String, contents: [UInt8])], behind offset: Int) -> [UInt8] {
    precondition(files.count <= entryLimit)
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for (name, contents) in files {
      let place = offset + archive.count
      let header = header(name, contents)
      archive.append(0x0403_4B50 as UInt32)
      archive += header
      archive.append(0 as UInt16)  // no extra field
      archive += Array(name.utf8) + contents
      directory.append(0x0201_4B50 as UInt32)
      directory.append(20 as UInt16)  // made by version 2.0, MS-DOS
      directory += header
      for _ in 0..<4 { directory.append(0 as UInt16) }  // no extra field, comment, disk, attributes
      directory.append(0 as UInt32)
      directory.append(UInt32(place))
      directory += Array(name.utf8)
    }
    let start = offset + archive.count
    archive += directory
    archive.append(0x0605_4B50 as UInt32)
    for number in [0, 0, files.count, files.count] { archive.append(UInt16(number)) }
    archive.append(UInt32(directory.count))
    archive.append(UInt32(start))
    archive.append(0 as UInt16)  // no comment
    return archive
  }

  /// What local header and directory have in common: version to the length of the name.
  private static func header(_ name: String, _ contents: [UInt8]) -> [UInt8] {
    let checksum = unsafe contents.withUnsafeBufferPointer { unsafe swl_crc32($0.baseAddress, $0.count) }
    var header: [UInt8] = []
    header.append(20 as UInt16)
    header.append(0x0800 as UInt16)  // the name is UTF-8
    header.append(0 as UInt16)  // stored
    header.append(0 as UInt16)
    header.append(0x0021 as UInt16)  // the first of January 1980, where time begins
    header.append(checksum)
    header.append(UInt32(contents.count))
    header.append(UInt32(contents.count))
    header.append(UInt16(name.utf8.count))
    return header
  }
}

extension [UInt8] {
  /// Appends a number, little-endian.
  fileprivate mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
