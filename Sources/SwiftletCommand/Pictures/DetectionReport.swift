import Vision

/// What was found in one picture.
struct DetectionReport {
  let path: String
  let width: Int
  let height: Int
  let milliseconds: Double
  /// By falling score, boxes in pixels of the picture.
  let detections: [Detection]

  var json: JSON {
    let found = detections.map { detection -> JSON in
      let box = detection.box
      return [
        "label": .string(detection.label), "class": .integer(detection.classIndex),
        "score": .rounded(Double(detection.score), places: 6),
        "box": .array([box.x1, box.y1, box.x2, box.y2].map { .rounded(Double($0), places: 2) }),
      ]
    }
    return [
      "image": .string(path), "width": .integer(width), "height": .integer(height),
      "inference_ms": .rounded(milliseconds, places: 4), "detections": .array(found),
    ]
  }

  var text: String {
    let count = detections.count == 1 ? "1 detection" : "\(detections.count) detections"
    let heading = "\(path) (\(width) x \(height)): \(count) in \(Format.fixed(milliseconds, places: 1)) ms"
    guard !detections.isEmpty else { return heading }
    let rows = detections.map { detection in
      let box = detection.box
      let label = detection.label.isEmpty ? "class \(detection.classIndex)" : detection.label
      return ["  \(label)", Format.fixed(Double(detection.score), places: 3)]
        + [box.x1, box.y1, box.x2, box.y2].map { Format.fixed(Double($0), places: 1) }
    }
    let table = Format.table(["  label", "score", "x1", "y1", "x2", "y2"], rows, numeric: [1, 2, 3, 4, 5])
    return "\(heading)\n\(table)"
  }
}
