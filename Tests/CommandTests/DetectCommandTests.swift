import Foundation
import ModelFormat
import Testing
import Vision

@testable import SwiftletCommand

@Suite struct DetectCommandTests {
  let files: TemporaryFolder
  let model: String
  /// 64 wide and 32 high: the square around it begins 16 rows above.
  let picture: String

  init() throws {
    files = try TemporaryFolder()
    model = try files.write(Models.face(), to: "face.tflite")
    picture = try files.write(Image(width: 64, height: 32, filledWith: .white).pngBytes(), to: "photo.png")
  }

  @Test func answersInJSONInPixels() throws {
    let detect = try Command("detect", model, picture, "--json")
    #expect(detect.exitCode == 0, "\(detect.error)")
    let answer = try detect.json()
    #expect(Set(answer.keys) == ["image", "width", "height", "inference_ms", "detections"])
    #expect(answer["image"] as? String == picture)
    #expect(answer["width"] as? Int == 64 && answer["height"] as? Int == 32)
    let detections = try #require(answer["detections"] as? [[String: Any]])
    try #require(detections.count == 1)
    #expect(Set(detections[0].keys) == ["label", "class", "score", "box"])
    #expect(detections[0]["label"] as? String == "face")
    #expect(detections[0]["score"] as? Double == 1)
    #expect(detections[0]["box"] as? [Double] == [24, 8, 40, 24])
  }

  @Test func readsTheOutputsOfASingleShotDetector() throws {
    let detector = try files.write(Models.singleShot(), to: "ssd.tflite")
    let labels = try files.write(Array("cat\ndog\n".utf8), to: "labels.txt")
    let detect = try Command("detect", detector, picture, "--labels", labels, "--json")
    #expect(detect.exitCode == 0, "\(detect.error)")
    let detections = try #require(try detect.json()["detections"] as? [[String: Any]])
    #expect(detections.map { $0["label"] as? String } == ["dog", "cat"])
    #expect(detections.map { $0["class"] as? Int } == [1, 0])
    #expect(detections.map { $0["box"] as? [Double] } == [[24, 8, 40, 24], [0, 0, 32, 16]])
  }

  @Test func skipsTheBackgroundOfALabelFile() throws {
    let detector = try files.write(Models.singleShot(), to: "ssd.tflite")
    let labels = try files.write(Array("???\ncat\ndog\n".utf8), to: "labels.txt")
    let text = try Command("detect", detector, picture, "--labels", labels, "--max", "1").output
    #expect(text.contains("dog") && !text.contains("cat"))
  }

  @Test func writesAnAnnotatedPicture() throws {
    let detect = try Command("detect", model, picture, "--output-dir", "\(files.path)/out")
    #expect(detect.exitCode == 0, "\(detect.error)")
    let annotated = try Image(contentsOf: "\(files.path)/out/photo-annotated.png")
    #expect(annotated.width == 64 && annotated.height == 32)
    #expect(annotated[24, 20] != .white, "the left edge of the box is not drawn")
    #expect(annotated[2, 30] == .white)
    #expect(detect.output.contains("face"))
  }

  @Test func drawsTwoModelsSideBySide() throws {
    let detect = try Command("detect", model, picture, "--beside", model, "--output-dir", "\(files.path)/out")
    #expect(detect.exitCode == 0, "\(detect.error)")
    let both = try Image(contentsOf: "\(files.path)/out/photo-annotated.png")
    #expect(both.width == 64 + 4 + 64 && both.height == 32)
    #expect(both[24, 20] != .white && both[24, 20] == both[24 + 68, 20] && both[65, 10] == .black)
    #expect(try Command("detect", model, picture, "--beside", model).exitCode == 64)
  }

  @Test func keepsPicturesOfOneNameApart() throws {
    let again = try Command("detect", model, picture, picture, "--output-dir", files.path)
    #expect(again.exitCode == 0)
    #expect(files.exists("photo-annotated.png") && files.exists("photo-annotated-2.png"))
  }

  @Test func oneBadPictureDoesNotStopTheOthers() throws {
    let broken = try files.write(Array("no picture".utf8), to: "broken.jpg")
    let detect = try Command("detect", model, "\(files.path)/none.jpg", picture, broken, "--json")
    #expect(detect.exitCode == 66)
    let lines = try detect.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.map { Array($0.keys).contains("error") } == [true, false, true])
    #expect(detect.error.contains("swiftlet: \(broken): "))
  }

  @Test func honoursThresholdAndLimit() throws {
    let none = try Command("detect", model, picture, "--threshold", "1", "--json").json()
    #expect((none["detections"] as? [Any])?.count == 1, "a score of 1 reaches a threshold of 1")
    #expect(try Command("detect", model, picture, "--threshold", "1.5").exitCode == 64)
    #expect(try Command("detect", model, picture, "--max", "0").exitCode == 64)
    #expect(try Command("detect", model).exitCode == 64)
  }

  @Test func refusesAModelThatDetectsNothing() throws {
    let other = try files.write(Models.picture(.uint8, height: 2, width: 2, channels: 3), to: "other.tflite")
    let detect = try Command("detect", other, picture)
    #expect(detect.exitCode == 69)
    #expect(detect.error.hasPrefix("swiftlet: \(other): is not a detector"))
  }
}
