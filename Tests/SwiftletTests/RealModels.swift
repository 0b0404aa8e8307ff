import Foundation
import ModelFormat

/// The models of the folder that SWIFTLET_SHARED names (default ../shared beside the package), where it is present.
enum RealModels {
  static let folder: URL = {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] ?? "../shared"
    return URL(filePath: path, relativeTo: package.appending(path: "")).appending(path: "models")
  }()

  static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

  /// Every `.tflite` file below the folder, by name.
  static func all() -> [URL] {
    guard let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { return [] }
    return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "tflite" }.sorted { $0.path < $1.path }
  }

  /// The same, read and verified.
  static func models() -> [Model] { all().compactMap { try? Model(bytes: ModelBytes(path: $0.path)) } }
}
