import Foundation
import ModelFormat
import Testing

/// The models and conformance files that are not part of the package. The environment variable SWIFTLET_SHARED names
/// their folder; without it the folder "shared" beside the package is used.
enum SharedFiles {
  static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] { return URL(fileURLWithPath: path) }
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return package.deletingLastPathComponent().appending(path: "shared")
  }()

  static var areAbsent: Bool { !FileManager.default.fileExists(atPath: folder.appending(path: "models").path) }

  /// The `.tflite` and `.bin` files below a subfolder, sorted by path.
  static func models(in subfolder: String) -> [URL] {
    let start = folder.appending(path: subfolder)
    let all = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
    return (all?.allObjects as? [URL] ?? []).filter { ["tflite", "bin"].contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
  }
}

@Suite(.disabled(if: SharedFiles.areAbsent, "no models at \(SharedFiles.folder.path); set SWIFTLET_SHARED"))
struct SharedFilesTests {
  /// The files that are refused, and why.
  private static let refusals: [String: FormatError.Code] = [
    "0_subgraphs.bin": .missing, "no_subgraphs.bin": .missing,
    "add_shared_tensors.bin": .aliasedOperands,
    "blockwise_quantized.tflite": .readBeforeWritten,
    "segment_sum_invalid_buffer.bin": .optionsMismatch,
    "simple_add_uint16_qualcomm.bin": .notAModel, "simple_model_google_tensor.bin": .notAModel,
    "simple_model_mtk.bin": .notAModel, "simple_model_qualcomm.bin": .notAModel,
    "test_model_broken.bin": .notAModel, "litert_java_invalid_model.bin": .notAModel,
    "tf_issue_115308_root_offset.tflite": .outOfBounds,
  ]

  @Test(arguments: ["models", "conformance", "malformed"]) func readsEveryFileThatIsAModel(subfolder: String) throws {
    let files = SharedFiles.models(in: subfolder)
    #expect(!files.isEmpty)
    for file in files {
      let expected = Self.refusals[file.lastPathComponent]
      switch Result(catching: { () throws(FormatError) in try Model(bytes: ModelBytes(path: file.path)) }) {
      case .success(let model):
        #expect(expected == nil, "\(file.lastPathComponent) was accepted")
        #expect(keepsItsPromises(model), "\(file.lastPathComponent)")
      case .failure(let error):
        #expect(error.code == expected, "\(file.lastPathComponent): \(error)")
      }
    }
  }

  @Test func findsTheLabelsBehindAModel() throws {
    let path = SharedFiles.folder.appending(path: "models/classification/mobilenet_v2_1.0_224_quant.tflite").path
    let model = try Model(bytes: ModelBytes(path: path))
    #expect(model.trailingBytes.count > 1000)
    model.bytes.withBytes(in: model.trailingBytes.lowerBound..<model.trailingBytes.lowerBound + 32) { span in
      let start = (0..<28).first { unsafe span.unsafeLoadUnaligned(fromByteOffset: $0, as: UInt32.self) == 0x0403_4B50 }
      #expect(start != nil, "the zip archive's first header")
    }
  }

  @Test func readsTheOptionsOfADetectionModel() throws {
    let name = "models/detection/coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite"
    let model = try Model(bytes: ModelBytes(path: SharedFiles.folder.appending(path: name).path))
    let info = try #require(model.subgraphs[0].operators.last)
    #expect(model.operatorCodes[info.code].name == "TFLite_Detection_PostProcess")
    let options = try FlexBuffer(model.bytes, in: info.customOptions)
    #expect(try options.int("max_detections") == 10 && options.int("num_classes") == 90)
    #expect(try options.float("y_scale") == 10 && options.float("h_scale") == 5)
  }
}
