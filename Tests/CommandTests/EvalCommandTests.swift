import Foundation
import ModelFormat
import TestSupport
import Testing
import Vision

@testable import SwiftletCommand

@Suite struct EvalCommandTests {
  let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  /// Three scores: the mean red, green and blue of a picture of one pixel.
  private func classifier() throws -> String {
    try files.write(
      Models.picture(.uint8, height: 1, width: 1, channels: 3, quantization: .perTensor(1 / 256, 0)), to: "m.tflite")
  }

  private func picture(_ folder: String, _ name: String, _ color: Color) throws {
    try FileManager.default.createDirectory(atPath: "\(files.path)/\(folder)", withIntermediateDirectories: true)
    try files.write(Image(width: 2, height: 2, filledWith: color).pngBytes(), to: "\(folder)/\(name)")
  }

  private let red = Color(red: 255, green: 10, blue: 0)
  private let blue = Color(red: 0, green: 10, blue: 255)

  @Test func countsClassesFromFolders() throws {
    try picture("data/red", "a.png", red)
    try picture("data/red", "b.png", blue)
    try picture("data/blue", "c.png", blue)
    let labels = try files.write(Array("Red, or so\ngreen\nblue\n".utf8), to: "labels.txt")
    let model = try classifier()
    let eval = try Command("eval", model, "\(files.path)/data", "--labels", labels, "--json")
    #expect(eval.exitCode == 0, "\(eval.error)")
    let answer = try eval.json()
    #expect(answer["pictures"] as? Int == 3)
    #expect(answer["top1"] as? Double == 2.0 / 3 && answer["top5"] as? Double == 1)
    let text = try Command("eval", model, "\(files.path)/data", "--labels", labels)
    #expect(text.output.contains("top-1  0.6667  (2 of 3)") && text.error.isEmpty)
  }

  @Test func theOrderOfColorsIsAnOption() throws {
    try picture("data/0", "a.png", red)
    let model = try classifier()
    #expect(try Command("eval", model, "\(files.path)/data", "--json").json()["top1"] as? Double == 1)
    let turned = try Command("eval", model, "\(files.path)/data", "--json", "--preprocess", "colors=bgr")
    #expect(try turned.json()["top1"] as? Double == 0)
    #expect(try Command("eval", model, "\(files.path)/data", "--preprocess", "colors=none").exitCode == 64)
  }

  @Test func countsClassesFromAList() throws {
    try picture("pictures", "a b.png", red)
    try picture("pictures", "c.png", blue)
    let list = try files.write(Array("pictures/a b.png\t0\npictures/c.png\t1\n".utf8), to: "list.txt")
    let answer = try Command("eval", classifier(), list, "--json").json()
    #expect(answer["top1"] as? Double == 0.5)
  }

  @Test func foldersWithoutNamesStandInTheirOrder() throws {
    for (name, color) in [("apple", red), ("pear", blue), ("plum", blue)] {
      try picture("data/\(name)", "a.png", color)
    }
    #expect(try Command("eval", classifier(), "\(files.path)/data", "--json").json()["top1"] as? Double == 2.0 / 3)
  }

  @Test func namesWhatIsWrong() throws {
    try picture("data/unknown", "a.png", red)
    let model = try classifier()
    let unknown = try Command("eval", model, "\(files.path)/data")
    #expect(unknown.exitCode == 65 && unknown.error.contains("class 'unknown' is unknown"))
    #expect(try Command("eval", model, "\(files.path)/none").exitCode == 66)
    #expect(try Command("eval", model, files.write(Array("{}".utf8), to: "x.json")).exitCode == 65)
    #expect(try Command("eval", model, files.write([], to: "empty.txt")).exitCode == 65)
    #expect(try Command("eval", model, files.write(Array("none.png 0\n".utf8), to: "list.txt")).exitCode == 66)
    let other = try files.write(Models.reshape(), to: "other.tflite")
    #expect(try Command("eval", other, "\(files.path)/data").exitCode == 69)
    #expect(try Command("eval", model, "\(files.path)/data").error.split(separator: "\n").count == 1)
  }

  /// Two categories with COCO's numbers, a picture of 64 by 32 with one object of each.
  private func annotations() throws -> String {
    let text = """
      {"images": [{"id": 7, "file_name": "photo.png"}],
       "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
       "annotations": [
         {"image_id": 7, "category_id": 2, "bbox": [24, 8, 16, 16], "area": 256, "iscrowd": 0},
         {"image_id": 7, "category_id": 1, "bbox": [40, 16, 8, 8], "area": 64, "iscrowd": 0}]}
      """
    return try files.write(Array(text.utf8), to: "instances_one.json")
  }

  @Test func measuresADetectorOnAnInstancesFile() throws {
    try files.write(Image(width: 64, height: 32, filledWith: .white).pngBytes(), to: "photo.png")
    let model = try files.write(Models.singleShot(), to: "ssd.tflite")
    let eval = try Command(
      "eval", model, annotations(), "--json", "--detections", "\(files.path)/found.json")
    #expect(eval.exitCode == 0, "\(eval.error)")
    let answer = try eval.json()
    let score = try #require(answer["map"] as? Double)
    #expect(abs(score - 0.5) < 1e-9, "the dog is found, the cat is elsewhere")
    let classes = try #require(answer["classes"] as? [String: Double])
    #expect(classes["cat"] == 0 && abs((classes["dog"] ?? 0) - 1) < 1e-9)
    let again = try Command("eval", "\(files.path)/found.json", annotations(), "--json").json()
    #expect(again["map"] as? Double == score)
  }

  @Test func labelsNameTheCategories() throws {
    try files.write(Image(width: 64, height: 32, filledWith: .white).pngBytes(), to: "photo.png")
    let model = try files.write(Models.singleShot(), to: "ssd.tflite")
    let labels = try files.write(Array("dog\ncat\n".utf8), to: "labels.txt")
    let answer = try Command("eval", model, annotations(), "--labels", labels, "--json").json()
    #expect(answer["map"] as? Double == 0)
  }
}
