import ArgumentParser
import CPlatform
import ModelFormat
import Swiftlet
import Vision

/// `swiftlet run`: one or several invocations on given inputs.
struct RunCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a model on inputs from files.",
    discussion: """
      Inputs are .npy arrays of the input's exact type and shape, .bin files of its raw bytes (for strings an int32 \
      count, offsets, the bytes), or JPEG, PNG or BMP pictures. An input whose stored shape has unknown dimensions takes the shape of its array.

      A picture is resized as a whole to the input (bilinear, as Pillow does it) and turned to gray where the input has \
      one channel. uint8 inputs take its pixels as they are, int8 inputs pixel - 128, float inputs pixel / 255. With \
      --mean, --std or --preprocess, or where the model file states its preprocessing, every input takes \
      (pixel - mean) / std, quantized by the input's scale and zero point.

      --random-input fills inputs without a file from SplitMix64: one 64-bit number for each element, inputs in order; \
      integers take the low bits, float32 the top 24 bits times 2^-23 minus 1.

      Example:
        swiftlet run mobilenet.tflite --input cat.jpg --labels imagenet.txt
        swiftlet run keywords.tflite --input features.npy --output-dir out --threads 2
      """)

  @Argument(help: "The model, a .tflite file.")
  var model: String?

  @Option(
    name: .customLong("input"),
    help: ArgumentHelp("A file for the next input, or for the input NAME.", valueName: "[name=]file"))
  var inputs: [String] = []

  @Option(help: ArgumentHelp("Fill inputs without a file with reproducible random values.", valueName: "seed"))
  var randomInput: UInt64?

  @Flag(help: "Fill inputs without a file with zero bytes.")
  var zeroInput = false

  @Option(help: ArgumentHelp("Write the outputs there as 0.npy, 1.npy, ... in output order.", valueName: "folder"))
  var outputDir: String?

  @Option(
    help: ArgumentHelp(
      "The names of the classes, one a line, to print the five best; without it those in the model file, if any.",
      valueName: "file"))
  var labels: String?

  @Option(help: "What is subtracted from the pixels of a picture.")
  var mean: Double?

  @Option(help: "What the pixels of a picture are divided by then.")
  var std: Double?

  @Option(help: PreprocessingOption.help, transform: PreprocessingOption.parse)
  var preprocess: PicturePreprocessing?

  @Flag(
    help: """
      Invoke once for each element of the first dimension of the arrays given, keeping variables from one invocation to \
      the next; outputs are stacked likewise.
      """)
  var sequence = false

  @Option(
    help: ArgumentHelp(
      "Write every tensor that is computed there as NUMBER.npy, with an index.json.", valueName: "folder"))
  var dumpTensors: String?

  @Flag(help: "Print the names that --isa takes on this machine, slowest first, and do nothing else.")
  var listIsa = false

  @Flag(help: "Answer in JSON.")
  var json = false

  @OptionGroup var runtime: RuntimeOptions

  func validate() throws {
    guard model != nil || listIsa else { throw ValidationError("Missing expected argument '<model>'") }
    if zeroInput && randomInput != nil { throw ValidationError("--zero-input and --random-input exclude each other") }
    if let std, std == 0 || !std.isFinite { throw ValidationError("--std is \(std), expected a number other than 0") }
    if let mean, !mean.isFinite { throw ValidationError("--mean is \(mean), expected a number") }
    if dumpTensors != nil && sequence { throw ValidationError("--dump-tensors and --sequence exclude each other") }
  }

  func run() throws {
    if listIsa {
      print(ISA.runnable.map(\.name).joined(separator: "\n"))
    } else if let model {
      try run(ModelFile(path: model))
    }
  }

  private func run(_ file: ModelFile) throws {
    let binding = try InputBinding(inputs, to: file, signature: runtime.signature)
    let steps = sequence ? try binding.sequenceLength() : nil
    var options = try runtime.prepareOptions()
    options.inputShapes = try binding.shapes(replacing: file.entry(signature: runtime.signature), steps: steps)
    options.fuses = dumpTensors == nil
    let program = try file.prepare(options)
    let filling = try InputFilling(
      binding, for: program, rest: rest, preprocessing: try preprocessing(file), steps: steps)
    let interpreter = try file.interpreter(program)
    var report = RunReport(file: file, program: program, steps: steps, labels: try classNames(of: file, program))
    var progress = Progress()
    for step in 0..<(steps ?? 1) {
      progress.update("\(step) of \(steps ?? 1) invocations")
      try file.fill(interpreter, from: filling, step: step)
      let start = swl_nanoseconds()
      if let dumpTensors {
        try TensorDump(folder: dumpTensors).run(interpreter)
      } else {
        try file.invoke(interpreter, deadline: runtime.deadline)
      }
      try report.add(outputsOf: interpreter, nanoseconds: swl_nanoseconds() - start)
    }
    progress.finish()
    if let outputDir { try report.write(to: outputDir) }
    print(json ? report.json.text : report.text)
  }

  /// - Throws: when the labels that were asked for fit no output.
  private func classNames(of file: ModelFile, _ program: Program) throws(CommandFailure) -> Labels? {
    let names = try ClassNames.labels(path: labels, model: file)
    guard let labels, let names else { return names }
    let counts = program.outputs.map { TopClasses.classCount($0) }
    guard counts.contains(names.count) else {
      let expected = counts.filter { $0 > 0 }.map { "\($0)" }.joined(separator: " or ")
      throw CommandFailure(
        .badData, file: labels,
        "found \(names.count) labels, expected \(expected.isEmpty ? "none: no output has classes" : expected)")
    }
    return names
  }

  private func preprocessing(_ file: ModelFile) throws(CommandFailure) -> PicturePreprocessing? {
    guard mean != nil || std != nil else { return try file.preprocessing(unless: preprocess) }
    var rule = preprocess ?? PicturePreprocessing()
    (rule.mean, rule.deviation) = ([mean ?? 0], [std ?? 1])
    return rule
  }

  private var rest: InputFilling.Rest {
    if let randomInput { return .random(seed: randomInput) }
    return zeroInput ? .zero : .refused
  }
}
