import ArgumentParser
import Converter
import ModelFormat

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
    help: ArgumentHelp("The type of inputs: float32, int8, uint8 or int16 (with int16x8).", valueName: "type"))
  var inputType = BoundaryType.float32

  @Option(help: ArgumentHelp("The type of outputs, likewise.", valueName: "type"))
  var outputType = BoundaryType.float32

  /// What quantizes the graph; `nil` for schemes that change weights alone.
  func quantizer(_ scheme: QuantizationScheme) throws -> ((Graph) throws -> QuantizedGraph)? {
    guard let layerScheme = scheme.layerScheme else { return nil }
    var plan = QuantizationPlan(standard: layerScheme)
    plan.method = calibration
    plan.inputType = inputType.elementType
    plan.outputType = outputType.elementType
    guard layerScheme != .weightOnly else {
      return { graph in try Quantizer.apply(plan, Calibration(), to: graph) }
    }
    guard let path = calibrate else {
      throw CommandFailure(
        .usage, "--quantize \(scheme.rawValue) needs --calibrate with samples of what the model will see")
    }
    return { graph in
      let samples = try CalibrationSamples(path, for: graph)
      let progress = ProgressBar("calibrating", count: samples.count)
      defer { progress.finish() }
      let calibration = try Calibration.measure(graph, samples) { progress.update($0) }
      progress.finish()
      return try Quantizer.apply(plan, calibration, to: graph)
    }
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
