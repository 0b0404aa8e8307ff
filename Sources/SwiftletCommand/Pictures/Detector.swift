import CPlatform
import ModelFormat
import Swiftlet
import Vision

/// A detection network and how its outputs become boxes.
struct Detector {
  private enum Network {
    /// Outputs of TFLite_Detection_PostProcess: which outputs of the model are boxes, classes, scores and count.
    case ssd(boxes: Int, classes: Int, scores: Int, count: Int)
    /// BlazeFace: which outputs are regressors and scores.
    case blazeFace(regressors: Int, logits: Int)
  }

  private let file: ModelFile
  private let interpreter: Interpreter
  private let input: PictureInput
  private let network: Network
  private let labels: Labels?
  private let deadline: UInt64?

  /// - Throws: `unavailable` for a model that is not a detection network of a known kind.
  init(file: ModelFile, options: PrepareOptions, labels: Labels?, deadline: UInt64?) throws(CommandFailure) {
    let program = try file.prepare(options)
    guard program.inputs.count == 1, let network = Detector.network(of: program),
      let input = PictureInput(program.inputs[0], normalization: Detector.normalization(network, program.inputs[0]))
    else {
      throw CommandFailure(
        .unavailable, file: file.path,
        "is not a detector that is known here; expected one picture as input and either the outputs of "
          + "TFLite_Detection_PostProcess or BlazeFace's [1,896,16] and [1,896,1]")
    }
    self.file = file
    self.interpreter = try file.interpreter(program)
    self.input = input
    self.network = network
    self.labels = labels
    self.deadline = deadline
  }

  private static func network(of program: Program) -> Network? {
    let outputs = program.outputs
    let subgraph = program.entrySubgraph
    if let operation = subgraph.operators.last(where: {
      program.model.operatorName($0) == "TFLite_Detection_PostProcess" && $0.outputs.count == 4
    }) {
      let places = operation.outputs.map { tensor in subgraph.outputs.firstIndex(of: tensor) }
      guard let boxes = places[0], let classes = places[1], let scores = places[2], let count = places[3] else {
        return nil
      }
      return .ssd(boxes: boxes, classes: classes, scores: scores, count: count)
    }
    guard outputs.count == 2, program.inputs[0].shape == Shape([1, 128, 128, 3]),
      let regressors = outputs.firstIndex(where: { $0.shape == Shape([1, 896, 16]) }),
      let logits = outputs.firstIndex(where: { $0.shape == Shape([1, 896, 1]) })
    else { return nil }
    return .blazeFace(regressors: regressors, logits: logits)
  }

  /// Both kinds of networks are trained on -1...1; quantized SSD inputs take the pixels as they are.
  private static func normalization(_ network: Network, _ input: TensorDescription) -> PixelNormalization? {
    if case .ssd = network, input.type != .float32 { return nil }
    return PixelNormalization(mean: 127.5, deviation: 127.5)
  }

  /// The objects in `image` by falling score, in its pixels, and the milliseconds of the invocation.
  func detect(
    in image: Image, threshold: Float, limit: Int
  ) throws(CommandFailure) -> (detections: [Detection], milliseconds: Double) {
    let padding: SquarePadding?
    switch network {
    case .ssd:
      padding = nil
      interpreter.setInputBytes(0, to: input.bytes(of: image)[...])
    case .blazeFace:
      let square = image.resizedInSquare(side: input.width)
      padding = square.padding
      interpreter.setInputBytes(0, to: input.bytes(ofPixels: square.image.pixels)[...])
    }
    let start = swl_nanoseconds()
    try file.invoke(interpreter, deadline: deadline)
    let milliseconds = Double(swl_nanoseconds() - start) / 1e6
    let found = decode(image, padding, threshold)
    return (Array(found.prefix(limit)), milliseconds)
  }

  private func decode(_ image: Image, _ padding: SquarePadding?, _ threshold: Float) -> [Detection] {
    switch network {
    case .ssd(let boxes, let classes, let scores, let count):
      return SSDOutputs(
        boxes: values(boxes), classes: values(classes), scores: values(scores), count: values(count).first ?? 0
      ).detections(width: image.width, height: image.height, scoreThreshold: threshold).map { labelled($0) }
    case .blazeFace(let regressors, let logits):
      var decoder = BlazeFaceDecoder.shortRange
      decoder.scoreThreshold = threshold
      let faces = decoder.detections(regressors: values(regressors), logits: values(logits))
      return faces.map { padding?.pictureCoordinates(of: $0) ?? $0 }
    }
  }

  /// Some label files begin with "???" for the background, which the network does not count.
  private func labelled(_ detection: Detection) -> Detection {
    var detection = detection
    let offset = labels?[0] == "???" ? 1 : 0
    detection.label = labels?[detection.classIndex + offset] ?? ""
    return detection
  }

  /// Output `index` in real units.
  private func values(_ index: Int) -> [Float] {
    let values = TensorValues(
      description: interpreter.program.outputs[index], bytes: interpreter.outputBytes(index))
    return (0..<values.count).map { Float(values.real($0) ?? .nan) }
  }
}
