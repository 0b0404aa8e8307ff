import Foundation
import ModelFormat
import TestSupport
import Testing
import Vision

@testable import SwiftletCommand

@Suite struct PictureTests {
  let files: TemporaryFolder
  let picture: String
  /// Two rows of red and blue, white and black.
  static let image = Image(width: 2, height: 2, pixels: [255, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0])

  init() throws {
    files = try TemporaryFolder()
    picture = try files.write(Self.image.pngBytes(), to: "picture.png")
  }

  private func run(_ model: [UInt8], _ options: String...) throws -> NPY {
    let model = try files.write(model, to: "model.tflite")
    let run = try Command(["run", model, "--input", picture, "--output-dir", files.path] + options)
    try #require(run.exitCode == 0, "\(run.error)")
    return try NPY(contents: files.read("0.npy"))
  }

  private func floats(_ array: NPY) -> [Float] {
    stride(from: 0, to: array.bytes.count, by: 4).map { offset in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(array.bytes[offset + $1]) << UInt32(8 * $1) })
    }
  }

  @Test func bytesAreTakenAsTheyAre() throws {
    let quantization = QuantizationSpec.perTensor(1 / 128, 128)
    let output = try run(Models.picture(.uint8, height: 2, width: 2, channels: 3, quantization: quantization))
    #expect(output.bytes == Self.image.pixels)
  }

  @Test func signedBytesAreShifted() throws {
    let quantization = QuantizationSpec.perTensor(1, -128)
    let output = try run(Models.picture(.int8, height: 2, width: 2, channels: 3, quantization: quantization))
    #expect(output.bytes == Self.image.pixels.map { UInt8(bitPattern: Int8(Int($0) - 128)) })
  }

  @Test func floatsAreA255th() throws {
    let output = try run(Models.picture(.float32, height: 2, width: 2, channels: 3))
    #expect(floats(output) == Self.image.pixels.map { Float($0) / 255 })
  }

  @Test func meanAndDeviationAreApplied() throws {
    let model = Models.picture(.float32, height: 2, width: 2, channels: 3)
    let output = try run(model, "--mean", "127.5", "--std", "127.5")
    #expect(floats(output) == Self.image.pixels.map { Float((Double($0) - 127.5) / 127.5) })
    let quantized = Models.picture(
      .int8, height: 2, width: 2, channels: 3, quantization: .perTensor(1 / 128, 0))
    let stored = try run(quantized, "--mean", "127.5", "--std", "127.5").bytes.map { Int8(bitPattern: $0) }
    #expect(stored == Self.image.pixels.map { $0 == 255 ? 127 : -128 })
  }

  @Test func oneChannelIsGray() throws {
    let output = try run(Models.picture(.uint8, height: 2, width: 2, channels: 1))
    #expect(output.bytes == Self.image.gray().pixels)
  }

  @Test func thePictureIsResizedToTheInput() throws {
    let output = try run(Models.picture(.uint8, height: 3, width: 5, channels: 3))
    #expect(output.bytes == Self.image.resized(width: 5, height: 3).pixels)
  }

  @Test func printsTheBestClasses() throws {
    let model = try files.write(
      Models.picture(.uint8, height: 2, width: 2, channels: 3, quantization: .perTensor(1 / 256, 0)), to: "m.tflite")
    let labels = try files.write(Array((0..<12).map { "class \($0)\n" }.joined().utf8), to: "labels.txt")
    let text = try Command("run", model, "--input", picture, "--labels", labels)
    #expect(text.output.contains("\n  0.996  0  class 0\n  0.996  5  class 5\n"), "\(text.output)")
    let json = try Command("run", model, "--input", picture, "--labels", labels, "--json").json()
    let outputs = try #require(json["outputs"] as? [[String: Any]])
    let top = try #require(outputs[0]["top"] as? [[String: Any]])
    #expect(top.map { $0["index"] as? Int } == [0, 5, 6, 7, 8])
    #expect(top[0]["label"] as? String == "class 0")
  }

  @Test func refusesLabelsThatDoNotFit() throws {
    let model = try files.write(Models.picture(.uint8, height: 2, width: 2, channels: 3), to: "m.tflite")
    let labels = try files.write(Array("one\ntwo\n".utf8), to: "labels.txt")
    let run = try Command("run", model, "--input", picture, "--labels", labels)
    #expect(run.exitCode == 65)
    #expect(run.error == "swiftlet: \(labels): found 2 labels, expected 12\n")
  }

  @Test func refusesAPictureForAnotherInput() throws {
    let model = try files.write(Models.reshape(), to: "m.tflite")
    let run = try Command("run", model, "--input", picture)
    #expect(run.exitCode == 65)
    #expect(run.error.contains("expected float32[2,3] for input 'x', which is not one"))
  }

  @Test func refusesATruncatedPicture() throws {
    let model = try files.write(Models.picture(.uint8, height: 2, width: 2, channels: 3), to: "m.tflite")
    let broken = try files.write(Array(Self.image.pngBytes().dropLast(20)), to: "broken.png")
    let run = try Command("run", model, "--input", broken)
    #expect(run.exitCode == 65)
    #expect(run.error.hasPrefix("swiftlet: \(broken): "))
    #expect(run.error.split(separator: "\n").count == 1)
  }
}
