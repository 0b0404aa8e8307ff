import Foundation
import Testing
import Vision

@Suite struct FileTests {
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vision-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test func writesAndReadsBack() throws {
    try withFolder { folder in
      let picture = TestPictures.busy(width: 8, height: 5)
      let path = folder.appending(path: "a.png").path
      try Image(width: 3, height: 3, filledWith: .white).write(to: path)
      try picture.write(to: path)
      #expect(try Image(contentsOf: path) == picture)
      try picture.write(to: folder.appending(path: "b.JPG").path)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a.png", "b.JPG"])
    }
  }

  @Test func namesAMissingFile() {
    let error = #expect(throws: VisionError.self) { try Image(contentsOf: "/nowhere/a.jpg") }
    #expect(error?.code == .unreadableFile)
    #expect(error?.description.hasPrefix("/nowhere/a.jpg: unreadable file") == true)
  }

  @Test func namesAFolderThatCannotBeWrittenTo() {
    let picture = Image(width: 1, height: 1, filledWith: .black)
    let error = #expect(throws: VisionError.self) { try picture.write(to: "/nowhere/a.png") }
    #expect(error?.code == .unwritableFile)
    #expect(error?.file == "/nowhere/a.png")
  }

  @Test func leavesNothingBehindWhenRenamingFails() throws {
    try withFolder { folder in
      let target = folder.appending(path: "taken.png")
      try FileManager.default.createDirectory(at: target.appending(path: "inside"), withIntermediateDirectories: true)
      #expect(throws: VisionError.self) { try Image(width: 1, height: 1, filledWith: .black).write(to: target.path) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken.png"])
    }
  }

  @Test func refusesAnUnknownEnding() {
    let error = #expect(throws: VisionError.self) {
      try Image(width: 1, height: 1, filledWith: .black).write(to: "picture.gif")
    }
    #expect(error?.code == .unknownFormat)
  }

  @Test func refusesFilesAndFoldersBeyondTheLimit() throws {
    try withFolder { folder in
      let path = folder.appending(path: "a.png").path
      try TestPictures.busy(width: 20, height: 20).write(to: path)
      let long = #expect(throws: VisionError.self) { try Image(contentsOf: path, limits: ImageLimits(fileBytes: 100)) }
      #expect(long?.code == .tooLarge)
      let directory = #expect(throws: VisionError.self) { try Image(contentsOf: folder.path) }
      #expect(directory?.code == .unreadableFile)
    }
  }

  @Test func theErrorOfABrokenPictureNamesTheFile() throws {
    try withFolder { folder in
      let path = folder.appending(path: "cut.png")
      try Data(TestPictures.busy(width: 20, height: 20).pngBytes().prefix(200)).write(to: path)
      let error = #expect(throws: VisionError.self) { try Image(contentsOf: path.path) }
      #expect(error?.file == path.path && error?.code == .truncated)
    }
  }

  @Test func aFileWithoutAnArchiveHasNoLabels() throws {
    try withFolder { folder in
      let path = folder.appending(path: "a.tflite").path
      try Data([1, 2, 3]).write(to: URL(filePath: path))
      #expect(try Labels(inModelFile: path) == nil)
      #expect(throws: VisionError.self) { try Labels(inModelFile: path + ".none") }
    }
  }

  @Test func readsLabelFilesWithAMarkAndRefusesOthers() throws {
    try withFolder { folder in
      let path = folder.appending(path: "labels.txt").path
      try Data([0xEF, 0xBB, 0xBF, 0x61, 0x0A, 0x62]).write(to: URL(filePath: path))
      #expect(try Labels(contentsOf: path) == Labels(["a", "b"]))
      try Data([0x61, 0xFF, 0x0A]).write(to: URL(filePath: path))
      let error = #expect(throws: VisionError.self) { try Labels(contentsOf: path) }
      #expect(error?.code == .notText && error?.file == path)
    }
  }
}
