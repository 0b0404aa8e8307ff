import Foundation
import ModelFormat
import TestSupport
import Testing
import Vision

@testable import SwiftletCommand

@Suite struct MetadataTests {
  let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  private func convert(_ source: [UInt8], _ options: String...) throws -> String {
    let path = try files.write(source, to: "source.tflite")
    let convert = try Command(["convert", path, "-o", "\(files.path)/out.tflite"] + options)
    try #require(convert.exitCode == 0, "\(convert.error)")
    return "\(files.path)/out.tflite"
  }

  @Test func labelsTravelInTheFileAndNameDetections() throws {
    let labels = try files.write(Array("cat\ndog\n".utf8), to: "labels.txt")
    let model = try convert(
      Models.picture(.uint8, height: 1, width: 1, channels: 3, quantization: .perTensor(1 / 256, 0)), "--metadata",
      "labels=\(files.write(Array("red\ngreen\nblue\n".utf8), to: "colors.txt"))", "--metadata", "author=somebody")
    let picture = try files.write(
      Image(width: 1, height: 1, filledWith: Color(red: 1, green: 200, blue: 2)).pngBytes(), to: "p.png")
    #expect(try Command("run", model, "--input", picture).output.contains("1  green"))
    #expect(try Command("check", model).exitCode == 0)
    #expect(try Command("inspect", model).output.contains("metadata: TFLITE_METADATA"))
    #expect(try Command("convert", model, "-o", "\(files.path)/again.tflite").exitCode == 0)
    #expect(try Command("run", "\(files.path)/again.tflite", "--input", picture).output.contains("1  green"))
    #expect(try Command("convert", model, "-o", model, "--metadata", "labels=\(labels)x").exitCode == 66)
  }

  @Test func preprocessingTravelsInTheFile() throws {
    let model = try convert(
      Models.picture(.float32, height: 1, width: 1, channels: 3), "--preprocess", "colors=bgr,mean=10,std=2")
    let picture = try files.write(
      Image(width: 1, height: 1, filledWith: Color(red: 10, green: 20, blue: 30)).pngBytes(), to: "p.png")
    let run = try Command("run", model, "--input", picture, "--json").json()
    let outputs = try #require(run["outputs"] as? [[String: Any]])
    #expect(outputs[0]["values"] as? [Double] == [10, 5, 0])
    let other = try Command("run", model, "--input", picture, "--json", "--preprocess", "std=1").json()
    #expect((other["outputs"] as? [[String: Any]])?[0]["values"] as? [Double] == [10, 20, 30])
    let inspect = try Command("inspect", model, "--json").json()
    #expect(inspect["preprocessing"] as? String == "fit=stretch,filter=antialiased,colors=bgr,mean=10,std=2")
  }

  @Test func equalMetadataGivesEqualBytes() throws {
    let labels = try files.write(Array("a\nb\n".utf8), to: "labels.txt")
    let options = ["--metadata", "labels=\(labels)", "--metadata", "name=x", "--preprocess", "std=1"]
    let source = try files.write(Models.reshape(), to: "s.tflite")
    for name in ["1", "2"] {
      #expect(try Command(["convert", source, "-o", "\(files.path)/\(name)"] + options).exitCode == 0)
    }
    #expect(try files.read("1") == files.read("2"))
  }

  @Test(arguments: ["labels", "labels=", "size=3", "=x", ""])
  func unknownMetadataIs64(text: String) throws {
    let source = try files.write(Models.reshape(), to: "s.tflite")
    let convert = try Command("convert", source, "-o", "\(files.path)/o.tflite", "--metadata", text)
    #expect(convert.exitCode == 64 && !files.exists("o.tflite"))
  }

  @Test func conversionSaysWhetherTheModelFits() throws {
    let source = try files.write(Models.convolution(), to: "s.tflite")
    let convert = try Command("convert", source, "-o", "\(files.path)/o.tflite", "--target", "cortex-m7", "--json")
    let targets = try #require(try convert.json()["targets"] as? [[String: Any]])
    #expect(targets.count == 1 && targets[0]["fits"] as? Bool == true)
  }
}
