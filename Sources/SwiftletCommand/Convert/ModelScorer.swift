import Converter
import ModelFormat
import Swiftlet
import Vision

/// Gives graphs a score, 0...1: accuracy where the answers are known, agreement with the float graph where they are not.
final class ModelScorer {
  private enum Measure {
    case dataset(Evaluation)
    case agreement(Agreement)
  }

  private let measure: Measure
  private let modelName: String
  /// "top-1", "mAP" or "agreement".
  private(set) var name = "agreement"
  private(set) var floatScore = 1.0

  /// - Parameters:
  ///   - path: a dataset as `swiftlet eval` takes it, or samples as `--calibrate` takes them.
  ///   - metadata: labels and preprocessing of the model that is made.
  ///   - name: of the model, for messages.
  init(path: String, images: String?, float: Graph, metadata: ModelMetadata, name modelName: String) throws {
    self.modelName = modelName
    guard !Self.holdsSamples(path) else {
      let samples = try CalibrationSamples(path, for: float, preprocessing: metadata.preprocessing)
      measure = .agreement(try Agreement(float, samples))
      return
    }
    var evaluation = try Evaluation(path: path, images: images)
    evaluation.preprocessing = metadata.preprocessing
    evaluation.labels = metadata.labels.map { Labels(text: String(decoding: $0, as: UTF8.self)) }
    measure = .dataset(evaluation)
    let result = try evaluation.run(file(float), options: PrepareOptions(threads: 2))
    (name, floatScore) = (result.scoreName, result.score)
  }

  /// Whether there are samples without answers: an archive, or a folder of files.
  private static func holdsSamples(_ path: String) -> Bool {
    guard FileSystem.isFolder(path) else { return FileSystem.ending(path) == "npz" }
    let names = (try? FileSystem.list(path)) ?? []
    return names.contains { !FileSystem.isFolder(FileSystem.path(path, $0)) }
      && !names.contains { FileSystem.isFolder(FileSystem.path(path, $0)) }
  }

  func score(_ graph: Graph) throws -> Double {
    switch measure {
    case .dataset(let evaluation):
      return try evaluation.run(file(graph), options: PrepareOptions(threads: 2)).score
    case .agreement(let agreement): return try agreement.score(graph)
    }
  }

  private func file(_ graph: Graph) throws -> ModelFile {
    try ModelFile(path: modelName, contents: ModelWriter.write(graph))
  }
}
