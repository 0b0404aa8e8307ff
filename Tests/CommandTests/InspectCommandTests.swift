import Foundation
import ModelFormat
import TestSupport
import Testing
import Vision

@testable import SwiftletCommand

@Suite struct InspectCommandTests {
  let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  @Test func showsGraphWorkAndMemory() throws {
    let model = try files.write(Models.convolution(), to: "model.tflite")
    let inspect = try Command("inspect", model)
    #expect(inspect.exitCode == 0, "\(inspect.error)")
    for part in ["CONV_2D", "float32[1,4,4,2]", "'picture'", "100.0 %", "memory: arena", "lower bound"] {
      #expect(inspect.output.contains(part), "\(part) is missing in:\n\(inspect.output)")
    }
  }

  @Test func answersInJSON() throws {
    let model = try files.write(
      Models.picture(.uint8, height: 2, width: 2, channels: 3, quantization: .perTensor(0.5, 3)), to: "model.tflite")
    let answer = try Command("inspect", model, "--json").json()
    #expect(answer["runs"] as? Bool == true)
    let operators = try #require(answer["operators"] as? [[String: Any]])
    #expect(operators.map { $0["name"] as? String } == ["RESHAPE"])
    let tensors = try #require(answer["tensors"] as? [[String: Any]])
    #expect(tensors.map { $0["kind"] as? String } == ["input", "constant", "output"])
    let quantization = try #require(tensors[0]["quantization"] as? [String: Any])
    #expect(quantization["scales"] as? [Double] == [0.5] && quantization["zero_points"] as? [Int] == [3])
    let memory = try #require(answer["memory"] as? [String: Any])
    #expect((memory["blocks"] as? [Any])?.isEmpty == false)
  }

  @Test func showsWhatCannotRun() throws {
    let model = try files.write(Models.unsupported(), to: "model.tflite")
    let inspect = try Command("inspect", model, "--html", "\(files.path)/page.html")
    #expect(inspect.exitCode == 0, "\(inspect.error)")
    let page = String(decoding: try files.read("page.html"), as: UTF8.self)
    #expect(page.contains("Would not run") && page.contains("Mystery") && page.contains("Riddle"))
    let answer = try Command("inspect", model, "--json").json()
    #expect(answer["runs"] as? Bool == false)
    #expect((answer["problems"] as? [String])?.count == 3)
    #expect(answer["memory"] is NSNull)
  }

  @Test func refusesADamagedFile() throws {
    let model = try files.write(Array(Models.reshape().prefix(100)), to: "model.tflite")
    #expect(try Command("inspect", model).exitCode == 65)
    #expect(try Command("inspect", "\(files.path)/none.tflite").exitCode == 66)
  }

  @Test func namesFromTheFileCannotAddMarkup() throws {
    var model = ModelBuilder()
    let tensor = model.tensor("<script>alert('1')</script>", .float32, [2])
    model.setInputs([tensor], outputs: [tensor])
    model.description = "</style><b>\u{7}"
    let file = try files.write(model.build(), to: "model.tflite")
    #expect(try Command("inspect", file, "--html", "\(files.path)/page.html").exitCode == 0)
    let page = String(decoding: try files.read("page.html"), as: UTF8.self)
    #expect(!page.contains("<script>alert") && !page.contains("</style><b>") && !page.contains("\u{7}"))
    #expect(page.contains("&lt;script&gt;"))
  }
}

@Suite(.enabled(if: Browser.isInstalled, "chromium is not installed")) struct InspectionPageTests {
  @Test(arguments: [Models.convolution(), Models.unsupported()]) func opensInABrowser(model: [UInt8]) throws {
    let files = try TemporaryFolder()
    let path = try files.write(model, to: "model.tflite")
    #expect(try Command("inspect", path, "--html", "\(files.path)/page.html").exitCode == 0)
    let answer = try Command("inspect", path, "--json").json()
    let operators = try #require(answer["operators"] as? [Any])

    let document = try Browser.document(of: "\(files.path)/page.html")
    #expect(document.contains("data-ready=\"true\""), "the script did not run to its end")
    #expect(!document.contains("data-error"))
    #expect(document.components(separatedBy: "<g class=\"operator ").count - 1 == operators.count)
  }

  @Test func isNotBlank() throws {
    let files = try TemporaryFolder()
    let path = try files.write(Models.convolution(), to: "model.tflite")
    #expect(try Command("inspect", path, "--html", "\(files.path)/page.html").exitCode == 0)
    let picture = try Browser.screenshot(of: "\(files.path)/page.html", in: files)
    #expect(Set(stride(from: 0, to: picture.pixels.count, by: 3).map { picture.pixels[$0] }).count > 20)
  }
}

/// A browser without a window.
enum Browser {
  private static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  static var isInstalled: Bool { path != nil }

  /// The page's markup after its scripts have run.
  static func document(of page: String) throws -> String { try run("--dump-dom", page) }

  static func screenshot(of page: String, in files: TemporaryFolder) throws -> Image {
    _ = try run("--screenshot=\(files.path)/page.png", page)
    return try Image(contentsOf: "\(files.path)/page.png")
  }

  private static func run(_ task: String, _ page: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: try #require(path))
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,1600", task, "file://\(page)",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }
}
