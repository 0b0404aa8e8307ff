import CPlatform
import ModelFormat
import Swiftlet
import Vision

/// A network that gives a picture a score for each class.
final class PictureClassifier {
  private let file: ModelFile
  private let interpreter: Interpreter
  private let feed: PictureFeed
  private let output: Int
  /// At least 2.
  let classCount: Int
  /// Of all invocations.
  private(set) var milliseconds = 0.0

  /// - Parameter preprocessing: `nil` for what the model file says.
  /// - Throws: `unavailable` for a network that takes no picture or gives no row of scores.
  init(file: ModelFile, program: Program, preprocessing: PicturePreprocessing?) throws(CommandFailure) {
    let counts = program.outputs.map { TopClasses.classCount($0) }
    guard program.inputs.count == 1, let output = counts.firstIndex(where: { $0 >= 2 }),
      let feed = PictureFeed(program.inputs[0], preprocessing: try file.preprocessing(unless: preprocessing))
    else {
      throw CommandFailure(
        .unavailable, file: file.path,
        "is not a classifier of pictures; expected one picture as input and a row of scores as output")
    }
    self.file = file
    self.feed = feed
    self.output = output
    classCount = counts[output]
    interpreter = try file.interpreter(program)
  }

  var preprocessing: PicturePreprocessing { feed.preprocessing }

  /// The classes with the highest scores, best first; of equal ones the first.
  func best(in image: Image, count: Int) throws(CommandFailure) -> [Int] {
    interpreter.setInputBytes(0, to: feed.bytes(of: image)[...])
    let start = swl_nanoseconds()
    try file.invoke(interpreter, deadline: nil)
    milliseconds += Double(swl_nanoseconds() - start) / 1e6
    let values = TensorValues(
      description: interpreter.program.outputs[output], bytes: interpreter.outputBytes(output))
    let scores = (0..<classCount).map { values.real($0) ?? .nan }
    let numbers = scores.indices.filter { !scores[$0].isNaN }
    return Array(numbers.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(count))
  }
}
