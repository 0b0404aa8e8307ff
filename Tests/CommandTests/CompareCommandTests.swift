import Foundation
import ModelFormat
import TestSupport
import Testing
import Vision

@testable import SwiftletCommand

@Suite struct CompareCommandTests {
  let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  /// ABS, then ADD of `offset`; `names` are those of their outputs.
  private func chain(offset: Float, names: [String], as name: String) throws -> String {
    var model = ModelBuilder()
    let input = model.tensor("x", .float32, [4])
    let shift = model.constant("shift", .float32, [1], [offset])
    let first = model.tensor(names[0], .float32, [4])
    let second = model.tensor(names[1], .float32, [4])
    model.operation(101, inputs: [input], outputs: [first], options: OptionsSpec(78, [:]))
    model.operation(0, inputs: [first, shift], outputs: [second], options: OptionsSpec(11, [:]))
    model.setInputs([input], outputs: [second])
    return try files.write(model.build(), to: name)
  }

  private func input(_ values: [Float]) throws -> String {
    let bytes = values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
    return try files.write(NPY(type: .float32, shape: [values.count], bytes: bytes).contents(), to: "input.npy")
  }

  @Test func namesTheWorstLayerFirst() throws {
    let one = try chain(offset: 0, names: ["same", "moved"], as: "one.tflite")
    let other = try chain(offset: 0.5, names: ["same", "moved"], as: "other.tflite")
    let compare = try Command("compare", one, other, "--input", input([3, -4, 0, 0]), "--json")
    #expect(compare.exitCode == 0, "\(compare.error)")
    let answer = try compare.json()
    let layers = try #require(answer["layers"] as? [[String: Any]])
    #expect(layers.map { $0["name"] as? String } == ["moved", "same"])
    // Signal 25, noise 4 * 0.25: 10 log10(25) = 13.979 dB.
    #expect(layers[0]["snr_db"] as? Double == 13.979)
    #expect(layers[0]["max_difference"] as? Double == 0.5)
    let cosine = try #require(layers[0]["cosine"] as? Double)
    #expect(abs(cosine - 28.5 / (25 * (12.25 + 20.25 + 0.5)).squareRoot()) < 1e-8)
    #expect(layers[1]["is_exact"] as? Bool == true && layers[1]["snr_db"] is NSNull)
    let outputs = try #require(answer["outputs"] as? [[String: Any]])
    #expect(outputs.count == 1 && outputs[0]["snr_db"] as? Double == 13.979)
    let text = try Command("compare", one, other, "--input", input([3, -4, 0, 0])).output
    #expect(text.contains("moved") && text.contains("14.0") && text.contains("exact"))
  }

  @Test func countsLayersThatHaveNoPartner() throws {
    let one = try chain(offset: 0, names: ["a", "y"], as: "one.tflite")
    let other = try chain(offset: 0, names: ["b", "z"], as: "other.tflite")
    let answer = try Command("compare", one, other, "--random-input", "1", "--json").json()
    #expect((answer["layers"] as? [Any])?.isEmpty == true)
    #expect(answer["layers_only_in_first"] as? Int == 2 && answer["layers_only_in_second"] as? Int == 2)
    #expect((answer["outputs"] as? [[String: Any]])?[0]["is_exact"] as? Bool == true, "outputs go by position")
  }

  @Test func quantizedModelsGetTheSameRealNumbers() throws {
    let float = try files.write(Models.picture(.float32, height: 2, width: 2, channels: 3), to: "float.tflite")
    let int8 = try files.write(
      Models.picture(.int8, height: 2, width: 2, channels: 3, quantization: .perTensor(1 / 255, -128)),
      to: "int8.tflite")
    let colors = try Image(width: 2, height: 2, pixels: (0..<12).map { UInt8($0 * 23) }).pngBytes()
    try FileManager.default.createDirectory(atPath: "\(files.path)/set", withIntermediateDirectories: true)
    try files.write(colors, to: "set/a.png")
    try files.write(colors, to: "set/b.png")
    let answer = try Command("compare", float, int8, "--input", "\(files.path)/set", "--json").json()
    #expect(answer["samples"] as? Int == 2)
    let outputs = try #require(answer["outputs"] as? [[String: Any]])
    #expect(try #require(outputs[0]["max_difference"] as? Double) < 1e-6)
    #expect(outputs[0]["type"] as? String == "int8")
  }

  @Test func namesWhatIsWrong() throws {
    let one = try chain(offset: 0, names: ["a", "y"], as: "one.tflite")
    let picture = try files.write(Models.picture(.uint8, height: 2, width: 2, channels: 3), to: "p.tflite")
    #expect(try Command("compare", one, one).exitCode == 64)
    #expect(try Command("compare", one, "\(files.path)/none.tflite", "--random-input", "1").exitCode == 66)
    let other = try Command("compare", one, picture, "--random-input", "1")
    #expect(other.exitCode == 65 && other.error.contains("input 'x'"), "\(other.error)")
    let short = try Command("compare", one, one, "--input", input([1, 2]))
    #expect(short.exitCode == 65 && short.error.contains("found float32[2], expected float32[4]"))
    #expect(short.error.split(separator: "\n").count == 1)
  }
}
