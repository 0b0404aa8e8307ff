import ArgumentParser
import ModelFormat
import Swiftlet

/// `swiftlet inspect`: what a model consists of.
struct InspectCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a model's operators, tensors, quantization, work and memory plan.",
    discussion: """
      Also shows models that the runtime cannot run, and why; the exit code is 0 whenever the file could be read.

      Example:
        swiftlet inspect mobilenet.tflite --html mobilenet.html
      """)

  @Argument(help: "The model, a .tflite file.")
  var model: String

  @Option(help: ArgumentHelp("Write a page for the browser, a single file that needs no other.", valueName: "file"))
  var html: String?

  @Flag(help: "Answer in JSON.")
  var json = false

  @OptionGroup var runtime: RuntimeOptions

  func run() throws {
    let inspection = try ModelInspection(file: ModelFile(path: model), options: runtime.prepareOptions())
    if let html {
      try FileSystem.write(InspectionPage(inspection: inspection).html, to: html)
      guard json else {
        print("wrote \(html)")
        return
      }
    }
    print(json ? inspection.json.text : inspection.text)
  }
}
