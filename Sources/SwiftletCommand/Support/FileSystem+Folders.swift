import FoundationEssentials

extension FileSystem {
  /// The names in a folder in order, hidden ones left out.
  /// - Throws: `noInput` in the system's words.
  static func list(_ path: String) throws(CommandFailure) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw CommandFailure(.noInput, file: path, reason(error))
    }
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }
}
