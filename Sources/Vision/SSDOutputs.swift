/// The four outputs of the operator TFLite_Detection_PostProcess, for one picture.
public struct SSDOutputs: Sendable {
  /// `(n, 4)`: top, left, bottom, right in 0...1 of the network's input.
  public let boxes: [Float]
  /// `(n)`: class indices, the background not counted.
  public let classes: [Float]
  /// `(n)`: 0...1.
  public let scores: [Float]
  /// How many of the `n` are valid.
  public let count: Float

  public init(boxes: [Float], classes: [Float], scores: [Float], count: Float) {
    self.boxes = boxes
    self.classes = classes
    self.scores = scores
    self.count = count
  }

  /// The detections by falling score, in pixels of a picture that was resized as a whole to the network's input.
  /// Values that are not numbers, and entries that an output is too short for, are left out.
  public func detections(width: Int, height: Int, scoreThreshold: Float, labels: Labels? = nil) -> [Detection] {
    let valid = count > 0 ? Int(min(count, Float(Int32.max))) : 0
    let entries = min(valid, scores.count, classes.count, boxes.count / 4)
    let found = (0..<entries).compactMap { index -> Detection? in
      let corners = boxes[4 * index..<4 * index + 4].map { $0 }
      guard scores[index] >= scoreThreshold, corners.allSatisfy(\.isFinite),
        let classIndex = Int(exactly: classes[index].rounded())
      else { return nil }
      let (columns, rows) = (Float(width), Float(height))
      let box = Box(
        x1: corners[1] * columns, y1: corners[0] * rows, x2: corners[3] * columns, y2: corners[2] * rows)
      return Detection(box: box, score: scores[index], classIndex: classIndex, label: labels?[classIndex] ?? "")
    }
    return found.enumerated()
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
  }
}
