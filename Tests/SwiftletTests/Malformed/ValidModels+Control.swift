import ModelFormat
import TestSupport

/// Operators that call subgraphs, and those whose shapes are known only while running.
extension ValidModels {
  /// Boxes [3,4] 0, scores [3] 1, count 2, overlap 3, score 4, sigma 5, indices [2] 6, scores [2] 7, selected 8.
  static func suppression() -> ModelBuilder {
    var model = ModelBuilder()
    let boxes = model.tensor("boxes", .float32, [3, 4])
    let scores = model.tensor("scores", .float32, [3])
    let count = model.constant("count", .int32, [], [2] as [Int32])
    let overlap = model.constant("overlap", .float32, [], [0.5] as [Float])
    let score = model.constant("score", .float32, [], [0.1] as [Float])
    let sigma = model.constant("sigma", .float32, [], [0.5] as [Float])
    let indices = model.tensor("indices", .int32, [2])
    let selectedScores = model.tensor("selectedScores", .float32, [2])
    let selected = model.tensor("selected", .int32, [])
    model.operation(
      121, inputs: [boxes, scores, count, overlap, score, sigma], outputs: [indices, selectedScores, selected])
    model.setInputs([boxes, scores], outputs: [indices, selectedScores, selected])
    return model
  }

  /// Mask [4] 0, positions [4,1] 1.
  static func positions() -> ModelBuilder {
    var model = ModelBuilder()
    let mask = model.tensor("mask", .bool, [4])
    let positions = model.tensor("positions", .int64, [4, 1])
    model.operation(109, inputs: [mask], outputs: [positions])
    model.setInputs([mask], outputs: [positions])
    return model
  }
}
