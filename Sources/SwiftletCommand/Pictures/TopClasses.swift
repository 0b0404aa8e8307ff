import ModelFormat
import Swiftlet
import Vision

/// The best classes of an output that holds a score for each class.
struct TopClasses {
  struct Entry {
    let index: Int
    /// In real units.
    let score: Double
    let label: String
  }

  /// By falling score.
  let entries: [Entry]

  /// `nil` unless the output is one row of as many scores as there are labels.
  init?(_ values: TensorValues, labels: Labels, count: Int = 5) {
    guard TopClasses.classCount(values.description) == labels.count else { return nil }
    let scores = (0..<labels.count).compactMap { index in values.real(index).map { (index: index, score: $0) } }
    entries = scores.filter { !$0.score.isNaN }
      .sorted { ($1.score, $0.index) < ($0.score, $1.index) }
      .prefix(count).map { Entry(index: $0.index, score: $0.score, label: labels[$0.index] ?? "") }
  }

  /// How many classes an output like [1,n] or [n] has; 0 for another shape or type.
  static func classCount(_ output: TensorDescription) -> Int {
    let isRow = output.shape.rank >= 1 && output.shape.elementCount == output.shape.last
    return isRow && output.type.bitWidth >= 8 && output.shape.last >= 2 ? output.shape.last : 0
  }

  var json: JSON {
    .array(
      entries.map {
        ["index": .integer($0.index), "label": .string($0.label), "score": .rounded($0.score, places: 6)]
      })
  }

  var text: String {
    entries.map { "  \(Format.fixed($0.score, places: 3))  \($0.index)  \($0.label)" }.joined(separator: "\n")
  }
}
