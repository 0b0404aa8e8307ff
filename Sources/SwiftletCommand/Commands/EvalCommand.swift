import ArgumentParser
import Vision

/// `swiftlet eval`: how good a model is on pictures of which the answers are known.
struct EvalCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measure a classifier's or detector's accuracy on a dataset.",
    discussion: """
      Classifiers: DATASET is a folder with a folder of pictures for each class, or a text file with a picture and its \
      class on each line, pictures relative to the file. Classes are named as in --labels or by number; the answer is the \
      share of pictures whose class comes first, and among the first five.

      Detectors (those that swiftlet detect knows): DATASET is a COCO instances file; the answer is the mean average \
      precision over intersections over union of .50 to .95, as the COCO challenge measures it. Labels name the categories; \
      classes without such a label stand for the categories in their order where there are as many, and without labels by \
      COCO's own numbers otherwise.

      Example:
        swiftlet eval mobilenet.tflite pictures/ --labels imagenet.txt
        swiftlet eval detector.tflite annotations/instances_val2017.json --images val2017
      """)

  @Argument(help: "The model, a .tflite file; or the boxes that another tool found, a COCO results file (.json).")
  var model: String

  @Argument(help: "A folder of folders, a list (.txt, .csv) or a COCO instances file (.json).")
  var dataset: String

  @Option(
    help: ArgumentHelp(
      "The folder of the pictures of an instances file; without it ../NAME for instances_NAME.json, or the file's own.",
      valueName: "folder"))
  var images: String?

  @Option(
    help: ArgumentHelp("The names of the classes, one a line; without it those in the model file.", valueName: "file"))
  var labels: String?

  @Option(help: PreprocessingOption.help, transform: PreprocessingOption.parse)
  var preprocess: PicturePreprocessing?

  @Option(help: "The smallest score of a detection that counts, 0 to 1.")
  var threshold: Float = 0.001

  @Option(
    help: ArgumentHelp("Write the boxes there as COCO results, for other tools of that form.", valueName: "file"))
  var detections: String?

  @Flag(help: "Answer in JSON.")
  var json = false

  @OptionGroup var runtime: RuntimeOptions

  func validate() throws {
    guard threshold >= 0, threshold <= 1 else { throw ValidationError("--threshold is \(threshold), expected 0 to 1") }
  }

  func run() throws {
    if FileSystem.ending(model) == "json" {
      let results = try COCOResults(path: model)
      report(try results.evaluate(on: EvaluationDataset(path: dataset, images: images), results: model, path: dataset))
      return
    }
    let file = try ModelFile(path: model)
    var evaluation = try Evaluation(path: dataset, images: images)
    if let labels { evaluation.labels = try ClassNames.labels(path: labels, model: file) }
    evaluation.preprocessing = preprocess
    evaluation.threshold = threshold
    var found: [JSON] = []
    let total = evaluation.dataset.pictureCount
    var progress = Progress()
    defer { progress.finish() }
    let result = try evaluation.run(file, options: runtime.prepareOptions()) { box in
      if detections != nil { found.append(box.json) }
    } progress: { index in
      progress.update("\(index) of \(total) pictures")
    }
    progress.finish()
    if let detections { try FileSystem.write(JSON.array(found).text, to: detections) }
    report(result)
  }

  private func report(_ result: EvaluationResult) { print(json ? result.json.text : result.text) }
}

extension AveragePrecision.Found {
  /// An entry of a COCO results file.
  fileprivate var json: JSON {
    [
      "image_id": .integer(picture), "category_id": .integer(category),
      "bbox": .array([box.x, box.y, box.width, box.height].map { .number($0) }), "score": .number(score),
    ]
  }
}
