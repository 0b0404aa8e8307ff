import Foundation
import Testing

/// Files that are no models, or none that run, through the command: an exit code and one line that names the file.
@Suite(.disabled(if: MalformedFiles.areAbsent, "no files at \(MalformedFiles.folder.path); set SWIFTLET_SHARED"))
struct MalformedFilesTests {
  @Test(arguments: MalformedFiles.exitCodes.keys.sorted()) func endsWithItsExitCode(name: String) throws {
    let file = MalformedFiles.folder.appending(path: name).path
    let expected = try #require(MalformedFiles.exitCodes[name])
    #expect(try Command("check", file).exitCode == expected)
    let run = try Command("run", file, "--random-input", "1")
    #expect(run.exitCode == expected)
    guard expected != 0 else { return }
    #expect(run.output.isEmpty)
    #expect(run.error.split(separator: "\n").count == 1 && run.error.contains(name), "\(run.error)")
  }

  @Test func judgesEveryFileOfTheFolder() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: MalformedFiles.folder.path)
    #expect(names.sorted() == MalformedFiles.exitCodes.keys.sorted())
  }
}

enum MalformedFiles {
  static let exitCodes: [String: Int32] = [
    "0_subgraphs.bin": 65, "no_subgraphs.bin": 65, "litert_java_invalid_model.bin": 65, "test_model_broken.bin": 65,
    "segment_sum_invalid_buffer.bin": 65, "tf_issue_115308_root_offset.tflite": 65,
    "coral_model_invoking_error.tflite": 69, "empty_model.bin": 0, "no_signatures_no_tensor_names.bin": 0,
  ]

  static let folder: URL = {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] ?? "../shared"
    return URL(filePath: path, relativeTo: package.appending(path: "")).appending(path: "malformed")
  }()

  static var areAbsent: Bool { !FileManager.default.fileExists(atPath: folder.path) }
}
