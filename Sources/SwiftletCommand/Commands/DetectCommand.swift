import ArgumentParser
import ModelFormat
import Swiftlet
import Vision

/// `swiftlet detect`: finds objects or faces in pictures.
struct DetectCommand: ParsableCommand, JSONAnswering {
  static let configuration = CommandConfiguration(
    commandName: "detect",
    abstract: "Find objects or faces in pictures.",
    discussion: """
      Knows SSD networks that end in TFLite_Detection_PostProcess, the short-range BlazeFace network and FastestDet. \
      Pictures are prepared as the model file says (metadata that swiftlet convert writes), else as networks of the kind \
      are trained: the whole picture resized, for BlazeFace first padded to a square, for FastestDet in the order blue, \
      green, red. Boxes are in pixels of the picture: left, top, right, bottom. JSON is one object a line for each picture. A picture that cannot be read does \
      not stop the others.

      Example:
        swiftlet detect ssd.tflite street.jpg --threshold 0.4 --output-dir annotated
      """)

  @Argument(help: "The model, a .tflite file.")
  var model: String

  @Argument(help: "JPEG, PNG or BMP pictures.")
  var images: [String]

  @Option(
    help: ArgumentHelp("The names of the classes, one a line; without it those in the model file.", valueName: "file"))
  var labels: String?

  @Option(help: PreprocessingOption.help, transform: PreprocessingOption.parse)
  var preprocess: PicturePreprocessing?

  @Option(help: "The smallest score of a detection, 0 to 1.")
  var threshold: Float = 0.5

  @Option(help: "The most detections in a picture.")
  var max = 100

  @Option(
    help: ArgumentHelp(
      "Write photo-annotated.jpg and so on there, with boxes and labels drawn in.", valueName: "folder"))
  var outputDir: String?

  @Option(
    help: ArgumentHelp(
      "Another model, for example a quantized form: --output-dir then holds both results side by side, this one's right.",
      valueName: "model"))
  var beside: String?

  @Flag(help: "Answer in JSON.")
  var json = false

  @OptionGroup var runtime: RuntimeOptions

  func validate() throws {
    guard !images.isEmpty else { throw ValidationError("Missing expected argument '<images> ...'") }
    guard threshold >= 0, threshold <= 1 else { throw ValidationError("--threshold is \(threshold), expected 0 to 1") }
    if beside != nil, outputDir == nil { throw ValidationError("--beside needs --output-dir to draw into") }
    guard max >= 1 else { throw ValidationError("--max is \(max), expected at least 1") }
  }

  func run() throws {
    let file = try ModelFile(path: model)
    let detector = try Detector(
      file: file, options: runtime.prepareOptions(), labels: ClassNames.labels(path: labels, model: file),
      deadline: runtime.deadline, preprocessing: preprocess)
    var other: Detector?
    if let beside {
      let file = try ModelFile(path: beside)
      other = try Detector(
        file: file, options: runtime.prepareOptions(), labels: ClassNames.labels(path: labels, model: file),
        deadline: runtime.deadline, preprocessing: preprocess)
    }
    if let outputDir { try FileSystem.createFolder(outputDir) }
    var names = UniqueNames()
    var worst: Int32 = 0
    var progress = Progress()
    for (index, path) in images.enumerated() {
      progress.update("\(index) of \(images.count) pictures")
      do throws(CommandFailure) {
        let report = try detect(path, detector, other, &names)
        progress.finish()
        print(json ? report.json.text : report.text)
      } catch {
        progress.finish()
        error.report(inJSON: json)
        worst = Swift.max(worst, error.kind.rawValue)
      }
    }
    if worst != 0 { throw ExitCode(worst) }
  }

  private func detect(
    _ path: String, _ detector: Detector, _ other: Detector?, _ names: inout UniqueNames
  ) throws(CommandFailure) -> DetectionReport {
    let image = try PictureFile.read(path)
    let (detections, milliseconds) = try detector.detect(in: image, threshold: threshold, limit: max)
    if let outputDir {
      let target = FileSystem.path(outputDir, names.annotated(path))
      var picture = image.annotated(with: detections)
      if let other {
        let found = try other.detect(in: image, threshold: threshold, limit: max).detections
        picture = picture.beside(image.annotated(with: found))
      }
      try PictureFile.write(picture, to: target)
    }
    return DetectionReport(
      path: path, width: image.width, height: image.height, milliseconds: milliseconds, detections: detections)
  }
}
