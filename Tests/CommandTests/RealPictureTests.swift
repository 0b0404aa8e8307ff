import Foundation
import Testing

@testable import SwiftletCommand

/// Real models on real photographs, where the folder with them is present.
@Suite(.enabled(if: SharedFolder.isPresent, "the folder that SWIFTLET_SHARED names is absent"))
struct RealPictureTests {
  private func detections(_ model: String, _ picture: String) throws -> [[String: Any]] {
    let folder = SharedFolder.path
    let detect = try Command(
      "detect", "\(folder)/models/detection/\(model).tflite", "\(folder)/images/\(picture)", "--threshold", "0.45",
      "--json")
    #expect(detect.exitCode == 0, "\(detect.error)")
    return try #require(try detect.json()["detections"] as? [[String: Any]])
  }

  @Test(
    arguments: [
      ("dogs.jpg", ["dog", "dog", "dog"], [105, 19, 243, 388]), ("coral_cat.bmp", ["cat"], [47, 45, 363, 333]),
      ("cats_and_dogs.jpg", ["cat", "cat", "cat", "dog", "dog"], [48, 398, 447, 594]),
    ] as [(String, [String], [Double])])
  func findsWhatIsKnown(picture: String, labels: [String], first: [Double]) throws {
    let found = try detections("coco_ssd_mobilenet_v1_1.0_quant_2018_06_29", picture)
    #expect(found.map { $0["label"] as? String } == labels)
    let box = try #require(found.first?["box"] as? [Double])
    #expect(zip(box, first).allSatisfy { abs($0 - $1) <= 1 }, "\(box)")
  }

  @Test func findsFaces() throws {
    let found = try detections("face_detection_short_range", "coral_face.jpg")
    let scores = found.compactMap { $0["score"] as? Double }
    #expect(scores.count == 2 && zip(scores, [0.965, 0.909]).allSatisfy { abs($0 - $1) < 0.01 }, "\(scores)")
  }

  @Test(arguments: [("coral_parrot.jpg", 89), ("coral_sunflower.bmp", 986), ("burger.jpg", 934)])
  func namesWhatIsKnown(picture: String, index: Int) throws {
    let folder = SharedFolder.path
    let run = try Command(
      "run", "\(folder)/models/classification/mobilenet_v1_0.25_224_quant.tflite", "--input",
      "\(folder)/images/\(picture)", "--json")
    let outputs = try #require(try run.json()["outputs"] as? [[String: Any]])
    let top = try #require(outputs.first?["top"] as? [[String: Any]])
    #expect(top.first?["index"] as? Int == index)
    #expect((top.first?["label"] as? String)?.isEmpty == false, "the labels travel in the model")
  }
}

/// The folder with models and pictures that are too large for the repository.
enum SharedFolder {
  static let path: String = {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let shared = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] ?? "../shared"
    return URL(filePath: shared, relativeTo: package.appending(path: "")).path
  }()

  static var isPresent: Bool { FileManager.default.fileExists(atPath: "\(path)/models/detection") }
}
