import Foundation
import ModelFormat
import TestSupport
import Testing
import Vision

@testable import SwiftletCommand

/// Reports and `--max-drop` on a chain of convolutions of which the second has weights with outliers.
@Suite struct ReportTests {
  let files: TemporaryFolder
  let model: String
  let samples: String

  private static let channels = 8

  init() throws {
    files = try TemporaryFolder()
    model = try files.write(Self.chain(), to: "float.tflite")
    samples = "\(files.path)/samples"
    try FileManager.default.createDirectory(atPath: samples, withIntermediateDirectories: true)
    for sample in 0..<4 {
      let values = (0..<16 * Self.channels).map { index -> Float in
        index % Self.channels == Self.channels - 1 ? 0 : Float((index * 13 + sample * 29) % 41 - 20) / 20
      }
      let bytes = values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
      let array = NPY(type: .float32, shape: [1, 4, 4, Self.channels], bytes: bytes)
      try files.write(array.contents(), to: "samples/\(sample).npy")
    }
  }

  private static func chain() -> [UInt8] {
    var model = ModelBuilder()
    let count = channels
    let input = model.tensor("input", .float32, [1, 4, 4, count])
    var last = input
    for layer in 0..<4 {
      var weights = (0..<count * count).map { Float(($0 * 37 + layer * 11) % 19 - 9) / 20 }
      for output in 0..<count { weights[output * count + count - 1] = layer == 1 ? 400 : 0 }
      for input in 0..<count { weights[(count - 1) * count + input] = input == count - 1 ? 1e-4 : 0 }
      let constant = model.constant("w\(layer)", .float32, [count, 1, 1, count], weights)
      let bias = model.constant("b\(layer)", .float32, [count], (0..<count).map { $0 == count - 1 ? 0 : Float(0.05) })
      let output = model.tensor("<layer> \(layer)", .float32, [1, 4, 4, count])
      let options = OptionsSpec(1, [0: .int8(1), 1: .int32(1), 2: .int32(1), 4: .int32(1), 5: .int32(1)])
      model.operation(3, inputs: [last, constant, bias], outputs: [output], options: options)
      last = output
    }
    model.setInputs([input], outputs: [last])
    return model.build()
  }

  private func convert(_ options: String...) throws -> Command {
    try Command(
      ["convert", model, "-o", "\(files.path)/int8.tflite", "--quantize", "int8", "--calibrate", samples] + options)
  }

  @Test func theBrokenLayerStandsFirst() throws {
    let convert = try convert("--report", "\(files.path)/report.html")
    #expect(convert.exitCode == 0, "\(convert.error)")
    #expect(convert.output.contains("<layer> 1 (CONV_2D) adds the most noise"), "\(convert.output)")
    let json = try JSONSerialization.jsonObject(with: Data(files.read("report.json"))) as? [String: Any]
    let report = try #require(json)
    let layers = try #require(report["layers"] as? [[String: Any]])
    #expect(layers.count == 4 && layers[0]["name"] as? String == "<layer> 1")
    let ratios = layers.compactMap { $0["own_snr_db"] as? Double }
    #expect(ratios.count == 4 && ratios == ratios.sorted())
    let weights = try #require(layers[0]["weights"] as? [String: Any])
    #expect(weights["bytes"] as? Int == 64 && weights["bytes_before"] as? Int == 256)
    let values = try #require(weights["values"] as? [String: Any])
    #expect((values["counts"] as? [Int])?.reduce(0, +) == 64 && values["high"] as? Double == 400)
    #expect(report["calibration_samples"] as? Int == 4)
    #expect((report["constant_bytes_after"] as? Int ?? 0) < (report["constant_bytes_before"] as? Int ?? 0))
  }

  @Test func aReportAsJSONAloneIsOneFile() throws {
    #expect(try convert("--report", "\(files.path)/r.json", "--report-samples", "1").exitCode == 0)
    #expect(files.exists("r.json") && !files.exists("r.html"))
    #expect(try convert("--report", "\(files.path)/r.txt").exitCode == 64)
  }

  @Test func maxDropRepairsTheBrokenLayerWithoutHelp() throws {
    let plain = try convert("--eval", samples, "--json").json()
    let before = try #require((plain["judgement"] as? [String: Any])?["score"] as? [String: Any])
    #expect(try #require(before["points_lost"] as? Double) > 1)

    let repaired = try convert("--eval", samples, "--max-drop", "0.5", "--json")
    #expect(repaired.exitCode == 0, "\(repaired.error)")
    let judgement = try #require(try repaired.json()["judgement"] as? [String: Any])
    #expect(judgement["is_reached"] as? Bool == true)
    #expect(judgement["restored"] as? [[String: String]] == [["layer": "<layer> 1", "scheme": "float32"]])
    let score = try #require(judgement["score"] as? [String: Any])
    #expect(try #require(score["points_lost"] as? Double) <= 0.5)

    let first = try files.read("int8.tflite")
    #expect(files.exists("int8.recipe.json"))
    #expect(try convert("--recipe", "\(files.path)/int8.recipe.json").exitCode == 0)
    #expect(try files.read("int8.tflite") == first, "the recipe gives the same file")
  }

  /// int8 inputs lose something whatever the layers are.
  @Test func aDropThatIsOutOfReachHasAStatusOfItsOwn() throws {
    let result = try convert(
      "--eval", samples, "--max-drop", "0", "--input-type", "int8", "--output-type", "int8", "--json")
    #expect(result.exitCode == 1, "\(result.error)")
    let judgement = try #require(try result.json()["judgement"] as? [String: Any])
    #expect(judgement["is_reached"] as? Bool == false)
    #expect(files.exists("int8.tflite"))
  }

  @Test func namesWhatDoesNotGoTogether() throws {
    #expect(try convert("--max-drop", "1").exitCode == 64)
    #expect(try convert("--eval", samples, "--max-drop", "-1").exitCode == 64)
    #expect(try convert("--eval", "\(files.path)/none", "--max-drop", "1").exitCode == 66)
    let float = try Command("convert", model, "-o", "\(files.path)/o.tflite", "--report", "\(files.path)/r.html")
    #expect(float.exitCode == 64 && !files.exists("o.tflite"))
    #expect(float.error.split(separator: "\n").count == 1)
  }

  @Test func aReportThatCannotBeWrittenIsNoticedBeforeTheModelIs() throws {
    #expect(try convert("--report", "\(files.path)/none/r.html").exitCode == 73)
    #expect(try convert("--eval", samples, "--max-drop", "1", "--write-recipe", "\(files.path)/none/r").exitCode == 73)
    #expect(!files.exists("int8.tflite"))
  }

  @Test func namesAreEscapedOnThePage() throws {
    #expect(try convert("--report", "\(files.path)/report.html").exitCode == 0)
    let page = String(decoding: try files.read("report.html"), as: UTF8.self)
    #expect(page.contains("&lt;layer&gt; 1") && !page.contains("<layer>"))
    #expect(!page.contains("http://") && !page.contains("https://"))
  }

  @Test(.enabled(if: Browser.isInstalled, "chromium is not installed")) func opensInABrowser() throws {
    #expect(try convert("--report", "\(files.path)/report.html").exitCode == 0)
    let document = try Browser.document(of: "\(files.path)/report.html")
    #expect(document.contains("data-ready=\"true\"") && !document.contains("data-error"))
    #expect(document.components(separatedBy: "<tr id=\"layer").count - 1 == 4)
    #expect(document.components(separatedBy: "<circle class=\"own\"").count - 1 == 4)
    let picture = try Browser.screenshot(of: "\(files.path)/report.html", in: files)
    #expect(Set(stride(from: 0, to: picture.pixels.count, by: 3).map { picture.pixels[$0] }).count > 20)
  }
}
