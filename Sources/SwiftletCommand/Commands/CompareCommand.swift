import ArgumentParser
import Converter
import Swiftlet
import Vision

/// `swiftlet compare`: how near one model comes to another on the same inputs.
struct CompareCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two models on the same inputs, output by output and layer by layer.",
    discussion: """
      Models are .tflite, .onnx, .h5 or .keras files; all but .tflite are converted in memory first. Layers are matched \
      by the names of their tensors. For each the signal-to-noise ratio in decibels, the largest difference and the \
      cosine are given in real units, so that a quantized model can stand beside its float form; the worst come first.

      Inputs are files as swiftlet run takes them; .npy arrays have the layout of the first model, before or after its \
      conversion. A folder gives a sample for each of its files.

      Example:
        swiftlet compare detector.onnx detector-int8.tflite --input photo.jpg --preprocess colors=bgr
        swiftlet compare float.tflite int8.tflite --input pictures/ --json
      """)

  @Argument(help: "The model to compare with.")
  var first: String

  @Argument(help: "The model that is compared.")
  var second: String

  @Option(
    name: .customLong("input"),
    help: ArgumentHelp(
      "A file for the next input of the first model, or a folder of files for its only input.", valueName: "path"))
  var inputs: [String] = []

  @Option(help: ArgumentHelp("Fill inputs without a file with reproducible random values.", valueName: "seed"))
  var randomInput: UInt64?

  @Option(
    name: .customLong("input-shape"),
    help: ArgumentHelp("The shape of an input in its model's own layout.", valueName: "NAME=1,3,48,48"))
  var inputShapes: [String] = []

  @Option(help: PreprocessingOption.help, transform: PreprocessingOption.parse)
  var preprocess: PicturePreprocessing?

  @Option(help: ArgumentHelp("The most samples to take from a folder.", valueName: "count"))
  var samples = 100

  @Option(help: ArgumentHelp("The most layers to list; JSON has all.", valueName: "count"))
  var layers = 20

  @Option(help: "Threads that an invocation may use.")
  var threads = 1

  @Flag(help: "Answer in JSON.")
  var json = false

  func validate() throws {
    guard !inputs.isEmpty || randomInput != nil else { throw ValidationError("give --input or --random-input") }
    guard samples >= 1 else { throw ValidationError("--samples is \(samples), expected at least 1") }
    guard layers >= 0 else { throw ValidationError("--layers is \(layers), expected at least 0") }
    guard (1...256).contains(threads) else { throw ValidationError("--threads is \(threads), expected 1 to 256") }
  }

  func run() throws {
    var progress = Progress()
    defer { progress.finish() }
    let shapes = try InputShapes.parse(inputShapes)
    let one = try ConvertedModel(path: first, inputShapes: shapes) { progress.update($0) }
    let other = try ConvertedModel(path: second, inputShapes: shapes) { progress.update($0) }
    for file in [one.file, other.file] { _ = try file.prepare(PrepareOptions()) }
    let comparison: ModelComparison
    do {
      comparison = try ModelComparison(one.file.model, other.file.model, threads: threads)
    } catch let error as ConversionError {
      throw CommandFailure(error, file: second)
    }
    var rule = try one.file.preprocessing(unless: preprocess)
    if rule == nil { rule = try other.file.preprocessing() }
    let reader = SampleReader(
      first: comparison.inputs, second: comparison.otherInputs, layouts: one.inputLayouts, preprocessing: rule)
    for (index, files) in try sampleFiles(comparison.inputs.count).enumerated() {
      progress.update("\(index) samples")
      try compare(files, comparison, reader)
    }
    progress.finish()
    let report = ComparisonReport(first: first, second: second, comparison: comparison)
    print(json ? report.json.text : report.text(rows: layers))
  }

  /// By sample and input: the path of its file; `nil` for random numbers.
  private func sampleFiles(_ count: Int) throws(CommandFailure) -> [[String?]] {
    guard inputs.count <= count else {
      throw CommandFailure(.usage, "--input was given \(inputs.count) times, but the first model has \(count) inputs")
    }
    if count == 1, let folder = inputs.first, FileSystem.isFolder(folder) {
      let files = try FileSystem.list(folder).map { FileSystem.path(folder, $0) }.filter { !FileSystem.isFolder($0) }
      guard !files.isEmpty else { throw CommandFailure(.badData, file: folder, "has no files") }
      return files.prefix(samples).map { [$0] }
    }
    if inputs.count < count, randomInput == nil {
      throw CommandFailure(
        .usage, "the first model has \(count) inputs and \(inputs.count) have a file; give --input or --random-input")
    }
    return [inputs.map { $0 } + Array(repeating: nil, count: count - inputs.count)]
  }

  private func compare(
    _ files: [String?], _ comparison: ModelComparison, _ reader: SampleReader
  ) throws {
    var generator = RandomInput(seed: randomInput ?? 0)
    var pairs: [SampleReader.Bytes] = []
    for (index, path) in files.enumerated() {
      if let path {
        pairs.append(try reader.bytes(of: InputFile(path: path), input: index))
      } else {
        pairs.append(try reader.random(&generator, input: index))
      }
    }
    do {
      try comparison.add(inputs: pairs.map(\.first), others: pairs.map(\.second))
    } catch let error as ConversionError {
      throw CommandFailure(error, file: second)
    } catch let error as InvokeError {
      throw CommandFailure(error, file: "")
    }
  }
}
