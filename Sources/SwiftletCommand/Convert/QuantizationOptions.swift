import ArgumentParser
import Converter
import ModelFormat
import Vision

/// The options of `convert` that say how data is quantized and what it is calibrated with.
struct QuantizationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Samples of what the model will see, for int8 and int16x8: a folder of pictures, .npy arrays or sound, or an .npz.",
      valueName: "path"))
  var calibrate: String?

  @Option(
    help: ArgumentHelp(
      "How ranges are chosen from the samples: minmax, moving-average, percentile (or percentile:99.9), entropy or mse.",
      valueName: "method"))
  var calibration = CalibrationMethod.standard

  @Option(
    help: ArgumentHelp(
      "Schemes for parts of the model, as JSON: rules with scope, operator and scheme, of which the last that fits counts.",
      valueName: "file"))
  var recipe: String?

  @Flag(
    help: ArgumentHelp(
      "Scale channels of neighbouring layers so that one scale for a tensor suits all of them.",
      discussion: """
        The float model computes the same. Helps networks whose channels differ much and costs others: measure with --eval.
        """))
  var equalize = false

  @Flag(inversion: .prefixedNo, help: "Let biases make up for the mean error of rounded weights.")
  var correctBias = true

  @Flag(
    inversion: .prefixedNo,
    help:
      "Round the weights of a layer together, so that their errors cancel on the samples, instead of each by itself.")
  var refineWeights = false

  @Option(
    help: ArgumentHelp("The type of inputs: float32, int8, uint8 or int16 (with int16x8).", valueName: "type"))
  var inputType = BoundaryType.float32

  @Option(help: ArgumentHelp("The type of outputs, likewise.", valueName: "type"))
  var outputType = BoundaryType.float32

  /// What quantizes the graph; `nil` for schemes that change weights alone.
  ///
  /// - Parameters:
  ///   - preprocessing: of pictures.
  ///   - judgement: looks at what calibration and the plan gave, and may choose another plan.
  func quantizer(
    _ scheme: QuantizationScheme, preprocessing: PicturePreprocessing?, judgement: Judgement
  ) throws -> ((Graph) throws -> QuantizedGraph)? {
    guard let standard = scheme.layerScheme ?? (recipe == nil ? nil : .float32) else {
      guard calibrate == nil, inputType == .float32, outputType == .float32 else {
        throw CommandFailure(
          .usage,
          "--quantize \(scheme.rawValue) leaves data float32: --calibrate, --input-type and --output-type are for int8 and int16x8"
        )
      }
      return try judgement.asksForWeights(scheme) ? { try judgement.judge($0, scheme) } : nil
    }
    guard scheme == .none || scheme.layerScheme != nil else {
      throw CommandFailure(.usage, "--recipe goes with --quantize none, weight-only, int8 or int16x8")
    }
    let recipe = try readRecipe()
    return { source in
      let graph = scheme == .int8 || scheme == .int16x8 ? GlobalPooling.asMeans(in: source) : source
      let plan = try plan(standard, recipe, graph)
      guard plan.needsCalibration(graph) else {
        let quantized = try Quantizer.apply(plan, Calibration(), to: graph)
        if try judgement.asksForWeights(.weightOnly) { try judgement.score(quantized, beside: graph) }
        return quantized
      }
      let samples = try samples(for: graph, preprocessing)
      let equalized = equalize ? try Equalization.apply(to: graph, samples) : graph
      return try judgement.judge(equalized, plan, measure(equalized, samples), samples)
    }
  }

  private func readRecipe() throws -> QuantizationRecipe? {
    guard let path = recipe else { return nil }
    do {
      return try QuantizationRecipe(json: FileSystem.read(path))
    } catch let error as ConversionError {
      throw CommandFailure(error, file: path)
    }
  }

  func plan(_ standard: LayerScheme, _ recipe: QuantizationRecipe?, _ graph: Graph) throws -> QuantizationPlan {
    let rules = recipe ?? QuantizationRecipe(rules: [])
    if let rule = rules.unusedRules(in: graph).first {
      let scope = [rule.scope.map { "scope '\($0)'" }, rule.operator.map { "operator '\($0)'" }].compactMap { $0 }
      throw CommandFailure(
        .usage, file: self.recipe ?? "",
        "no layer has \(scope.joined(separator: " and ")); swiftlet inspect shows the names")
    }
    var plan = QuantizationPlan(standard: standard, recipe: rules, for: graph)
    plan.method = calibration
    plan.correctsBias = correctBias
    plan.refinesWeights = refineWeights
    plan.inputType = inputType.elementType
    plan.outputType = outputType.elementType
    return plan
  }

  /// The samples of `--calibrate`.
  func samples(for graph: Graph, _ preprocessing: PicturePreprocessing?) throws -> CalibrationSamples {
    guard let path = calibrate else {
      throw CommandFailure(.usage, "int8 and int16x8 need --calibrate with samples of what the model will see")
    }
    return try CalibrationSamples(path, for: graph, preprocessing: preprocessing)
  }

  /// Runs samples through the graph, with a progress bar.
  func measure(_ graph: Graph, _ samples: some SampleSource) throws -> Calibration {
    let progress = ProgressBar("calibrating", count: samples.count)
    defer { progress.finish() }
    return try Calibration.measure(graph, samples, keepsMoments: refineWeights) { progress.update($0) }
  }
}

/// The types that inputs and outputs of a quantized model can have.
enum BoundaryType: String, ExpressibleByArgument, CaseIterable {
  case float32, int8, uint8, int16

  var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .int8: .int8
    case .uint8: .uint8
    case .int16: .int16
    }
  }
}

extension CalibrationMethod: ExpressibleByArgument {
  public init?(argument: String) { self.init(text: argument) }

  public var defaultValueDescription: String { text }
}
