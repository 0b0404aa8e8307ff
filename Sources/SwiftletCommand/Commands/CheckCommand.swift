import ArgumentParser
import ModelFormat
import Swiftlet

/// `swiftlet check`: verifies and prepares models and says what would not run.
struct CheckCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say whether models run, and if not, everything that stands in the way.",
    discussion: """
      Verifies every table of the file, prepares the first subgraph and each signature, and runs nothing. Exits with 0 \
      when all models run, 65 when a file is damaged or contradicts itself, 66 when one cannot be read and 69 when the \
      runtime lacks something or a model does not fit a --target; the largest counts. What an Edge TPU would run is \
      predicted from its published requirements; only its own compiler decides.

      Example:
        swiftlet check *.tflite
        swiftlet check model.tflite --target raspberry-pi-4 --target cortex-m7
      """)

  @Argument(help: "The models, .tflite files.")
  var models: [String]

  @Option(name: .customLong("target"), help: Device.help, transform: Device.parse)
  var targets: [Device] = []

  @Flag(help: "Answer in JSON.")
  var json = false

  @OptionGroup var runtime: RuntimeOptions

  func run() throws {
    var verdicts: [ModelVerdict] = []
    var progress = Progress()
    for path in models {
      progress.update("checking \(path)")
      let verdict = ModelVerdict(path: path, options: try runtime.prepareOptions(), devices: targets)
      progress.finish()
      if !json { print(verdict.text) }
      verdicts.append(verdict)
    }
    if json { print(JSON.array(verdicts.map(\.json)).text) }
    let worst = verdicts.map(\.exitCode).max() ?? 0
    if worst != 0 { throw ExitCode(worst) }
  }
}
