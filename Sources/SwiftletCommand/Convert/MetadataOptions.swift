import ArgumentParser
import Converter
import Vision

/// The options of `convert` that say what the model file tells of itself.
struct MetadataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What the file tells of itself: labels (a file, one name a line), name, description, version, author or license.",
      discussion:
        "swiftlet detect, run and eval use labels and --preprocess; other tools read them as TFLite metadata.",
      valueName: "key=value"))
  var metadata: [String] = []

  @Option(
    help: ArgumentHelp(
      "How pictures become inputs, for example colors=bgr,std=255: written into the file, and used for pictures given to "
        + "--calibrate and --eval.",
      discussion: PreprocessingOption.help.discussion, valueName: "rule"), transform: PreprocessingOption.parse)
  var preprocess: PicturePreprocessing?

  /// - Throws: `usage` for an unknown key, `noInput` for labels that cannot be read.
  func contents() throws(CommandFailure) -> ModelMetadata {
    var result = ModelMetadata()
    result.preprocessing = preprocess
    for text in metadata {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
      let value = parts.count == 2 ? parts[1] : ""
      switch parts[0] {
      case "labels" where !value.isEmpty: result.labels = try labels(value)
      case "name" where !value.isEmpty: result.name = value
      case "description" where !value.isEmpty: result.description = value
      case "version" where !value.isEmpty: result.version = value
      case "author" where !value.isEmpty: result.author = value
      case "license" where !value.isEmpty: result.license = value
      default:
        throw CommandFailure(
          .usage,
          "--metadata is '\(text)', expected labels, name, description, version, author or license, = and a text")
      }
    }
    return result
  }

  /// The file's bytes, which are UTF-8 text.
  private func labels(_ path: String) throws(CommandFailure) -> [UInt8] {
    do throws(VisionError) {
      _ = try Labels(contentsOf: path)
    } catch {
      throw CommandFailure(error, file: path)
    }
    return try FileSystem.read(path)
  }
}
