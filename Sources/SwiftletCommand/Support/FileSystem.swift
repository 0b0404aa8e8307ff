import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whole files, with failures that name them.
enum FileSystem {
  /// - Throws: `noInput` in the system's words, or for something else than a file: a device need never end.
  static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
    var status = stat()
    if unsafe stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
      throw CommandFailure(.noInput, file: path, "is a device or pipe, expected a file")
    }
    do {
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw CommandFailure(.noInput, file: path, reason(error))
    }
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Writes beside `path` and renames: readers see the old file or the whole new one.
  ///
  /// - Throws: `cannotCreate` in the system's words.
  static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
    do {
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw CommandFailure(.cannotCreate, file: path, reason(error))
    }
  }

  static func write(_ text: String, to path: String) throws(CommandFailure) { try write(Array(text.utf8), to: path) }

  /// Makes the folder and those above it, unless it exists.
  static func createFolder(_ path: String) throws(CommandFailure) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure(.cannotCreate, file: path, reason(error))
    }
  }

  static func path(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The last component of `path`.
  static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// What follows the last dot of the file's name, in lower case; empty without one.
  static func ending(_ path: String) -> String {
    let parts = name(path).split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 1 ? parts[parts.count - 1].lowercased() : ""
  }

  static func reason(_ error: any Error) -> String {
    let cause = (error as? CocoaError)?.underlying ?? error
    guard let system = cause as? POSIXError else { return "\(cause)" }
    return unsafe String(cString: strerror(system.code.rawValue))
  }
}
