import CPlatform
import ModelFormat
import Swiftlet
import Vision

/// Runs models over a dataset.
struct Evaluation {
  let dataset: EvaluationDataset
  /// As the user named it.
  let path: String
  /// The names of the classes; `nil` for those in the model file.
  var labels: Labels?
  /// `nil` for what the model file says.
  var preprocessing: PicturePreprocessing?
  /// Boxes with a smaller score do not count.
  var threshold: Float = 0.001

  init(path: String, images: String? = nil) throws(CommandFailure) {
    self.path = path
    dataset = try EvaluationDataset(path: path, images: images)
  }

  /// - Parameters:
  ///   - found: called with every box, for writing them out.
  ///   - progress: called before each picture with its number.
  /// - Throws: the first failure: a figure without some pictures would be another one.
  func run(
    _ file: ModelFile, options: PrepareOptions, found: (AveragePrecision.Found) -> Void = { _ in },
    progress: (Int) -> Void = { _ in }
  ) throws(CommandFailure) -> EvaluationResult {
    var names = labels
    if names == nil { names = try ClassNames.labels(path: nil, model: file) }
    switch dataset {
    case .classes(let pictures): return try classify(pictures, file, options, names, progress)
    case .boxes(let annotations, let folder):
      return try detect(annotations, folder, file, options, names, found, progress)
    }
  }

  // MARK: Classes

  private func classify(
    _ pictures: ClassifiedPictures, _ file: ModelFile, _ options: PrepareOptions, _ names: Labels?,
    _ progress: (Int) -> Void
  ) throws(CommandFailure) -> EvaluationResult {
    let program = try file.prepare(options)
    let classifier = try PictureClassifier(file: file, program: program, preprocessing: preprocessing)
    let expected = try pictures.classIndices(labels: names, count: classifier.classCount)
    var (top1, top5) = (0, 0)
    for (index, entry) in pictures.entries.enumerated() {
      progress(index)
      let best = try classifier.best(in: PictureFile.read(entry.path), count: 5)
      if best.first == expected[index] { top1 += 1 }
      if best.contains(expected[index]) { top5 += 1 }
    }
    return EvaluationResult(
      model: file.path, dataset: path, pictures: pictures.entries.count, milliseconds: classifier.milliseconds,
      preprocessing: "\(classifier.preprocessing)", figures: .classes(top1: top1, top5: top5))
  }

  // MARK: Boxes

  private func detect(
    _ annotations: COCOAnnotations, _ folder: String, _ file: ModelFile, _ options: PrepareOptions, _ names: Labels?,
    _ found: (AveragePrecision.Found) -> Void, _ progress: (Int) -> Void
  ) throws(CommandFailure) -> EvaluationResult {
    let detector = try Detector(
      file: file, options: options, labels: names, deadline: nil, preprocessing: preprocessing)
    let categories = CategoryTable(annotations.categories, classCount: detector.classCount)
    var boxes: [AveragePrecision.Found] = []
    var milliseconds = 0.0
    for (index, picture) in annotations.pictures.enumerated() {
      progress(index)
      let image = try PictureFile.read(FileSystem.path(folder, picture.fileName))
      let (detections, time) = try detector.detect(in: image, threshold: threshold, limit: Int.max)
      milliseconds += time
      for detection in detections {
        guard let category = categories.category(of: detection) else { continue }
        let box = detection.box.clipped(width: image.width, height: image.height)
        boxes.append(
          AveragePrecision.Found(
            picture: picture.id, category: category,
            box: AveragePrecision.Rectangle(
              x: Double(box.x1), y: Double(box.y1), width: Double(box.x2) - Double(box.x1),
              height: Double(box.y2) - Double(box.y1)),
            score: Double(detection.score)))
      }
    }
    for box in boxes { found(box) }
    let precision = AveragePrecision(
      categories: annotations.categories.map(\.id), truths: annotations.truths, found: boxes)
    return EvaluationResult(
      model: file.path, dataset: path, pictures: annotations.pictures.count, milliseconds: milliseconds,
      preprocessing: "\(detector.preprocessing)",
      figures: .boxes(precision, names: annotations.categories.map(\.name)))
  }
}
