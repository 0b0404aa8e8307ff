import ArgumentParser
import CPlatform
import Converter

/// `swiftlet convert`: a trained model in, a `.tflite` file out.
struct ConvertCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert a trained model (ONNX, Keras, .tflite) to .tflite.",
    discussion: """
      The file is written beside its name and renamed when it is whole. Exits with 65 when the model is damaged, 66 when it \
      cannot be read, 69 when it asks for what the converter does not have, 73 or 74 when the output cannot be written, and \
      with 1 when everything is written but --max-drop was not reached: the file is the best that was found.

      Example:
        swiftlet convert detector.onnx -o detector.tflite --input-shape images=1,3,320,320
        swiftlet convert detector.onnx -o detector.tflite --quantize int8 --calibrate pictures/ --report report.html
        swiftlet convert detector.onnx -o detector.tflite --quantize int8 --calibrate pictures/ --eval val.json --max-drop 1
        swiftlet convert detector.onnx -o detector.tflite --metadata labels=coco.names --preprocess colors=bgr,std=255
        swiftlet convert network.tflite -o smaller.tflite --max-memory 700K
      """)

  /// The status of a conversion that did not reach `--max-drop`.
  private static let fellShort: Int32 = 1

  @Argument(help: "The model: .onnx, .h5, .keras or .tflite.")
  var input: String

  @Option(name: .shortAndLong, help: "Where to write the .tflite file.")
  var output: String

  @Option(
    name: .customLong("input-shape"),
    help: ArgumentHelp(
      "The shape of an input in the model's own layout; needed where dimensions other than the first are open.",
      valueName: "NAME=1,3,48,48"))
  var inputShapes: [String] = []

  @Option(
    name: .customLong("input-value"),
    help: ArgumentHelp(
      "Make an input of an ONNX model a constant: one number for all elements, or one for each.",
      valueName: "NAME=16000"))
  var inputValues: [String] = []

  @Option(
    help: ArgumentHelp(
      "none (float32), float16 (weights: half the size), dynamic (int8 weights, float32 data), weight-only, int8 or int16x8.",
      discussion: """
        dynamic lets LiteRT quantize data on the fly, weight-only widens the weights when they are used. int8 and int16x8 \
        quantize the data as well and need --calibrate.
        """, valueName: "scheme"))
  var quantize = QuantizationScheme.none

  @OptionGroup(title: "Quantization")
  var quantization: QuantizationOptions

  @OptionGroup(title: "Judging")
  var judging: JudgingOptions

  @OptionGroup(title: "Metadata")
  var metadata: MetadataOptions

  @Option(name: .customLong("target"), help: Device.help, transform: Device.parse)
  var targets: [Device] = []
  @Option(
    help: ArgumentHelp(
      "Compute layers some rows at a time where the activations would take more than this; outputs keep their bytes.",
      discussion: """
        Counted with the scratch memory of the kernels of every --target, portable ones for another architecture than this \
        machine's; without a target with those that SWIFTLET_ISA or this machine chooses.
        """, valueName: "700K"), transform: ByteCount.parse)
  var maxMemory: Int?

  @Flag(help: "Leave inputs and outputs in the model's own order of dimensions (channels second in most ONNX models).")
  var keepLayout = false

  @Flag(name: .shortAndLong, help: "Name the rewrite rules that fired.")
  var verbose = false

  @Flag(help: "Answer in JSON.")
  var json = false

  func run() throws {
    swl_return_large_blocks()
    var options = Conversion.Options()
    options.inputShapes = try InputShapes.parse(inputShapes)
    options.inputValues = try InputShapes.parseValues(inputValues)
    options.keepsLayout = keepLayout
    options.quantization = quantize
    options.metadata = try metadata.contents()
    options.memoryLimit = maxMemory
    options.memorySets = try targets.isEmpty ? [RuntimeOptions.chosenISA()] : targets.map(\.kernels)
    let start = swl_nanoseconds()
    var progress = Progress()
    let judgement = try Judgement(judging, output: output, metadata: options.metadata)
    let conversion: Conversion
    do {
      let quantizer = try quantization.quantizer(
        quantize, preprocessing: options.metadata.preprocessing, judgement: judgement)
      // Measured beside the float network, weights change there.
      if quantizer != nil, quantize.layerScheme == nil { options.quantization = .none }
      conversion = try Conversion(
        path: input, options: options, progress: { progress.update("\($0) \(input)") }, quantize: quantizer)
    } catch let error as ConversionError {
      progress.finish()
      throw CommandFailure(error, file: input)
    }
    progress.finish()
    try judgement.checkUse()
    try judgement.write(for: input, bytes: conversion.file.count)
    try FileSystem.replace(output, with: conversion.file)
    let written = try ModelFile(path: output)
    let report = ConversionReport(
      conversion, output: output, seconds: Double(swl_nanoseconds() - start) / 1e9, isVerbose: verbose,
      judgement: judgement, devices: targets.map { DeviceVerdict($0, written) })
    print(json ? report.json.text : report.text)
    if judgement.fellShort { throw ExitCode(Self.fellShort) }
  }
}

extension QuantizationScheme: ExpressibleByArgument {}

extension CommandFailure {
  init(_ error: ConversionError, file: String) {
    let kind: Kind =
      switch error.kind {
      case .badData: .badData
      case .noInput: .noInput
      case .unavailable: .unavailable
      case .usage: .usage
      }
    self.init(kind, file: file, error.message)
  }
}
