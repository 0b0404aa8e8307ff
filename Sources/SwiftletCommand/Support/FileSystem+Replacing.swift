#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension FileSystem {
  /// Writes a file beside `path`, brings it to the disk and renames it: at every moment `path` is the old file, the whole
  /// new one, or absent as before.
  ///
  /// - Throws: `cannotCreate` when no file can be made there, `outputFailed` when it cannot be written to its end.
  static func replace(_ path: String, with bytes: [UInt8]) throws(CommandFailure) {
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw CommandFailure(.cannotCreate, file: path, "is no regular file: give the name of a file")
      }
      guard unsafe access(path, W_OK) == 0 else { throw failure(.cannotCreate, path) }
    }
    let temporary = "\(path).\(getpid()).partial"
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw failure(.cannotCreate, path) }
    guard writeAll(bytes, to: file), fsync(file) == 0 else {
      let error = failure(.outputFailed, path)
      _ = close(file)
      _ = unsafe unlink(temporary)
      throw error
    }
    guard close(file) == 0, unsafe rename(temporary, path) == 0 else {
      let error = failure(.outputFailed, path)
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  /// Whether `path` could be written now, so that nobody waits for what cannot be stored.
  ///
  /// - Throws: `cannotCreate` in the system's words.
  static func checkWritable(_ path: String) throws(CommandFailure) {
    if unsafe access(path, F_OK) == 0 {
      guard unsafe access(path, W_OK) == 0 else { throw failure(.cannotCreate, path) }
      return
    }
    let components = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = components.isEmpty ? "." : components.joined(separator: "/") + "/"
    guard unsafe access(folder, W_OK) == 0 else { throw failure(.cannotCreate, path) }
  }

  private static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
    unsafe bytes.withUnsafeBytes { bytes in
      var rest = unsafe bytes[...]
      while unsafe !rest.isEmpty {
        let count = unsafe systemWrite(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        unsafe rest = rest.dropFirst(count)
      }
      return true
    }
  }

  private static func failure(_ kind: CommandFailure.Kind, _ path: String) -> CommandFailure {
    unsafe CommandFailure(kind, file: path, String(cString: strerror(errno)))
  }
}

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  unsafe write(file, bytes, count)
}
