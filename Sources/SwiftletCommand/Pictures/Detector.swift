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
    /// FastestDet: one output with the numbers of each cell.
    case fastestDet(FastestDetDecoder, isChannelsFirst: Bool)
  }

  private let file: ModelFile
  private let interpreter: Interpreter
  private let feed: PictureFeed
  private let network: Network
  private let labels: Labels?
  private let deadline: UInt64?

  /// - Parameter preprocessing: `nil` for what the model file says, or else what networks of its kind are trained on.
  /// - Throws: `unavailable` for a model that is not a detection network of a known kind.
  init(
    file: ModelFile, options: PrepareOptions, labels: Labels?, deadline: UInt64?,
    preprocessing: PicturePreprocessing? = nil
  ) throws(CommandFailure) {
    let program = try file.prepare(options)
    guard program.inputs.count == 1, let network = Detector.network(of: program) else {
      throw CommandFailure(
        .unavailable, file: file.path,
        "is not a detector that is known here; expected one picture as input and the outputs of "
          + "TFLite_Detection_PostProcess, BlazeFace's [1,896,16] and [1,896,1], or FastestDet's [1,rows,columns,5+classes]"
      )
    }
    let rule = try file.preprocessing(unless: preprocessing) ?? Detector.standard(network, program.inputs[0])
    guard let feed = PictureFeed(program.inputs[0], preprocessing: rule) else {
      throw CommandFailure(
        .usage, file: file.path,
        "the input is \(program.inputs[0].type.name)\(program.inputs[0].shape.dimensions.text), which does not take "
          + "pictures with the preprocessing \(rule ?? PicturePreprocessing())")
    }
    self.file = file
    self.interpreter = try file.interpreter(program)
    self.feed = feed
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
    if outputs.count == 1 { return fastestDet(program.inputs[0].shape.dimensions, outputs[0]) }
    guard outputs.count == 2, program.inputs[0].shape == Shape([1, 128, 128, 3]),
      let regressors = outputs.firstIndex(where: { $0.shape == Shape([1, 896, 16]) }),
      let logits = outputs.firstIndex(where: { $0.shape == Shape([1, 896, 1]) })
    else { return nil }
    return .blazeFace(regressors: regressors, logits: logits)
  }

  /// A cell of FastestDet is 16 by 16 pixels; its numbers come last, or first as in the ONNX file.
  private static func fastestDet(_ input: [Int], _ output: TensorDescription) -> Network? {
    let shape = output.shape.dimensions
    guard input.count == 4, shape.count == 4, shape[0] == 1 else { return nil }
    let size = input[3] == 3 ? (input[1], input[2]) : (input[2], input[3])
    let offset = FastestDetDecoder.valuesBeforeClasses
    guard size.0 >= 16, size.1 >= 16, size.0 % 16 == 0, size.1 % 16 == 0 else { return nil }
    let (rows, columns) = (size.0 / 16, size.1 / 16)
    if shape[1] == rows, shape[2] == columns, shape[3] > offset {
      let decoder = FastestDetDecoder(columns: columns, rows: rows, classes: shape[3] - offset)
      return .fastestDet(decoder, isChannelsFirst: false)
    }
    guard shape[2] == rows, shape[3] == columns, shape[1] > offset else { return nil }
    let decoder = FastestDetDecoder(columns: columns, rows: rows, classes: shape[1] - offset)
    return .fastestDet(decoder, isChannelsFirst: true)
  }

  /// SSD and BlazeFace are trained on -1...1, and quantized SSD inputs take the pixels as they are; FastestDet is trained
  /// on 0...1 in OpenCV's order of colours.
  private static func standard(_ network: Network, _ input: TensorDescription) -> PicturePreprocessing? {
    var rule = PicturePreprocessing()
    switch network {
    case .ssd:
      if input.type != .float32 { return nil }
      (rule.mean, rule.deviation) = ([127.5], [127.5])
    case .blazeFace: (rule.fit, rule.mean, rule.deviation) = (.pad, [127.5], [127.5])
    case .fastestDet: (rule.colors, rule.filter) = (.bgr, .bilinear)
    }
    return rule
  }

  /// The objects in `image` by falling score, in its pixels, and the milliseconds of the invocation.
  func detect(
    in image: Image, threshold: Float, limit: Int
  ) throws(CommandFailure) -> (detections: [Detection], milliseconds: Double) {
    interpreter.setInputBytes(0, to: feed.bytes(of: image)[...])
    let start = swl_nanoseconds()
    try file.invoke(interpreter, deadline: deadline)
    let milliseconds = Double(swl_nanoseconds() - start) / 1e6
    let found = decode(threshold).map { placed($0, in: image) }
    return (Array(found.prefix(limit)), milliseconds)
  }

  /// In 0...1 of the input.
  private func decode(_ threshold: Float) -> [Detection] {
    switch network {
    case .ssd(let boxes, let classes, let scores, let count):
      return SSDOutputs(
        boxes: values(boxes), classes: values(classes), scores: values(scores), count: values(count).first ?? 0
      ).detections(width: 1, height: 1, scoreThreshold: threshold).map { labelled($0) }
    case .blazeFace(let regressors, let logits):
      var decoder = BlazeFaceDecoder.shortRange
      decoder.scoreThreshold = threshold
      return decoder.detections(regressors: values(regressors), logits: values(logits))
    case .fastestDet(var decoder, let isChannelsFirst):
      decoder.scoreThreshold = threshold
      return decoder.detections(values: values(0), channelsFirst: isChannelsFirst).map { labelled($0) }
    }
  }

  /// In pixels of `image`.
  private func placed(_ detection: Detection, in image: Image) -> Detection {
    var detection = detection
    detection.box = feed.box(detection.box, in: image)
    detection.keypoints = detection.keypoints.map { point in
      let corner = feed.box(Box(x1: point.x, y1: point.y, x2: point.x, y2: point.y), in: image)
      return Point(x: corner.x1, y: corner.y1)
    }
    return detection
  }

  /// How many classes the network tells apart; `nil` where its outputs do not say.
  var classCount: Int? {
    switch network {
    case .ssd: nil
    case .blazeFace: 1
    case .fastestDet(let decoder, _): decoder.classes
    }
  }

  var preprocessing: PicturePreprocessing { feed.preprocessing }

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
