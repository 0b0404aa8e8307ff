import CVision

/// Whole files, with errors that name them.
enum File {
  /// - Throws: `unreadableFile` in the system's words, `tooLarge` beyond `limit` bytes.
  static func read(_ path: String, limit: Int) throws(VisionError) -> [UInt8] {
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    let status = unsafe swl_read_file(path, limit, &bytes, &count)
    guard status == 0 else { throw readError(status, path: path, limit: limit) }
    defer { unsafe swl_codec_release(bytes) }
    return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  }

  /// Writes beside `path` and renames: readers see the old file or the whole new one.
  /// - Throws: `unwritableFile` in the system's words.
  static func write(_ bytes: [UInt8], to path: String) throws(VisionError) {
    let status = unsafe bytes.withUnsafeBufferPointer { unsafe swl_write_file(path, $0.baseAddress, $0.count) }
    guard status == 0 else {
      throw VisionError(
        .unwritableFile, file: path, place: "the file system", found: "\"\(text(status))\"",
        expected: "a folder that this user may write to", remedy: "check the folder and its free space")
    }
  }

  private static func readError(_ status: Int32, path: String, limit: Int) -> VisionError {
    if status == fileTooLong {
      return VisionError(
        .tooLarge, file: path, place: "the file system", found: "a longer file", expected: "at most \(limit) bytes",
        remedy: "choose another file or raise the limit")
    }
    return VisionError(
      .unreadableFile, file: path, place: "the file system", found: "\"\(text(status))\"",
      expected: "a file that this user may read", remedy: "check the path")
  }

  private static func text(_ status: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 200) { buffer in
      unsafe swl_errno_text(status, buffer.baseAddress, buffer.count)
      return unsafe buffer.baseAddress.map { unsafe String(cString: $0) } ?? ""
    }
  }

  private static let fileTooLong = swl_errno_too_long()
}
