import Foundation
import ModelFormat
import Testing

@testable import SwiftletCommand

@Suite struct ConvertCommandTests {
  let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  private func listing() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: files.path).sorted() }

  @Test func writesAModelThatRuns() throws {
    let source = try files.write(Models.reshape(), to: "source.tflite")
    let convert = try Command("convert", source, "-o", "\(files.path)/out.tflite")
    #expect(convert.exitCode == 0, "\(convert.error)")
    #expect(convert.output.contains("from TensorFlow Lite"))
    #expect(convert.error.isEmpty)
    #expect(try Command("check", "\(files.path)/out.tflite").exitCode == 0)
    #expect(try listing() == ["out.tflite", "source.tflite"])
  }

  @Test func answersInJSON() throws {
    let source = try files.write(Models.reshape(), to: "source.tflite")
    let answer = try Command("convert", source, "-o", "\(files.path)/out.tflite", "--json").json()
    #expect(answer["format"] as? String == "TensorFlow Lite")
    #expect((answer["inputs"] as? [[String: Any]])?.count == 1)
  }

  @Test func aDamagedModelIs65AndLeavesTheOldFile() throws {
    let source = try files.write(Array(repeating: 0xFF, count: 100), to: "source.onnx")
    let target = try files.write([1, 2, 3], to: "out.tflite")
    let convert = try Command("convert", source, "-o", target)
    #expect(convert.exitCode == 65)
    #expect(convert.error.hasPrefix("swiftlet: \(source): "))
    #expect(convert.error.split(separator: "\n").count == 1)
    #expect(try files.read("out.tflite") == [1, 2, 3])
  }

  @Test func aMissingModelIs66() throws {
    #expect(try Command("convert", "\(files.path)/none.onnx", "-o", "\(files.path)/out.tflite").exitCode == 66)
    #expect(try listing().isEmpty)
  }

  @Test func wrongShapesAre64() throws {
    let source = try files.write(Models.reshape(), to: "source.tflite")
    for shape in ["x", "x=", "x=1,-2", "x=1,,2", "x=99999999999"] {
      let convert = try Command("convert", source, "-o", "\(files.path)/out.tflite", "--input-shape", shape)
      #expect(convert.exitCode == 64, "\(shape)")
    }
    for value in ["x", "x=", "x=1,", "x=one", "x=nan", "x=1,inf", "x=-infinity", "x=1e999", "x=1"] {
      let convert = try Command("convert", source, "-o", "\(files.path)/out.tflite", "--input-value", value)
      #expect(convert.exitCode == 64, "\(value)")
    }
  }

  @Test func weightsAloneCanBeMeasuredToo() throws {
    let source = try files.write(Models.reshape(), to: "source.tflite")
    try FileManager.default.createDirectory(atPath: "\(files.path)/samples", withIntermediateDirectories: false)
    let numbers: [Float] = [1, 2, 3, 4, 5, 6]
    let array = NPY(type: .float32, shape: [2, 3], bytes: unsafe numbers.withUnsafeBytes { unsafe [UInt8]($0) })
    _ = try files.write(array.contents(), to: "samples/a.npy")
    for scheme in ["float16", "dynamic", "weight-only"] {
      let arguments = ["convert", source, "-o", "\(files.path)/out.tflite", "--quantize", scheme]
      let answer = try Command(arguments + ["--eval", "\(files.path)/samples", "--json"]).json()
      let score = (answer["judgement"] as? [String: Any])?["score"] as? [String: Any]
      #expect(score?["quantized"] as? Double == 1, "\(scheme)")
    }
  }

  @Test(arguments: ["none", "float16", "dynamic", "weight-only"])
  func reportsNeedSamples(scheme: String) throws {
    let source = try files.write(Models.reshape(), to: "source.tflite")
    let arguments = ["convert", source, "-o", "\(files.path)/out.tflite", "--quantize", scheme]
    let convert = try Command(arguments + ["--report", "\(files.path)/r.html"])
    #expect(convert.exitCode == 64)
    #expect(convert.error.contains("--report") && convert.error.contains("--calibrate"))
    #expect(try listing() == ["source.tflite"])
  }

  @Test func aFolderThatDoesNotExistIs73() throws {
    let source = try files.write(Models.reshape(), to: "source.tflite")
    #expect(try Command("convert", source, "-o", "\(files.path)/none/out.tflite").exitCode == 73)
  }

  @Test func onlyRegularFilesAreReplaced() throws {
    let source = try files.write(Models.reshape(), to: "source.tflite")
    try FileManager.default.createDirectory(atPath: "\(files.path)/folder", withIntermediateDirectories: false)
    #expect(try Command("convert", source, "-o", "\(files.path)/folder").exitCode == 73)
    #expect(try listing() == ["folder", "source.tflite"])
  }
}
