/// Makes one detection of the many that a network gives for an object.
public enum NonMaximumSuppression {
  /// Keeps the best detection and drops those that overlap it, then the best of the rest, and so on.
  /// - Parameters:
  ///   - overlapThreshold: detections with a larger intersection over union are dropped.
  ///   - perClass: whether only detections of the same class suppress each other.
  /// - Returns: the kept ones by falling score; equal scores keep their order. Scores that are not numbers are dropped.
  /// - Complexity: square in the number of detections.
  public static func greedy(
    _ detections: [Detection], overlapThreshold: Float, perClass: Bool = true
  ) -> [Detection] {
    var kept: [Detection] = []
    for candidate in sorted(detections) {
      let isSuppressed = kept.contains {
        (!perClass || $0.classIndex == candidate.classIndex)
          && $0.box.intersectionOverUnion(candidate.box) > overlapThreshold
      }
      if !isSuppressed { kept.append(candidate) }
    }
    return kept
  }

  /// As `greedy` over all classes, but the box and key points of a kept detection are the means over those that it stands
  /// for, weighted by score; score, class and label are the best one's. This keeps boxes from trembling in a video.
  /// Source: the blending of the BlazeFace paper, section 3.3.
  public static func weighted(_ detections: [Detection], overlapThreshold: Float) -> [Detection] {
    var rest = sorted(detections)
    var kept: [Detection] = []
    while let best = rest.first {
      let isTogether: (Detection) -> Bool = { $0.box.intersectionOverUnion(best.box) > overlapThreshold }
      let group = rest.filter(isTogether)
      kept.append(group.isEmpty ? best : blend(group, as: best))
      rest = group.isEmpty ? Array(rest.dropFirst()) : rest.filter { !isTogether($0) }
    }
    return kept
  }

  private static func sorted(_ detections: [Detection]) -> [Detection] {
    let numbered = detections.filter { !$0.score.isNaN }.enumerated()
    return numbered.sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
  }

  private static func blend(_ group: [Detection], as best: Detection) -> Detection {
    let total = group.reduce(0) { $0 + $1.score }
    guard total > 0 else { return best }
    func mean(_ value: (Detection) -> Float) -> Float {
      group.reduce(0) { $0 + value($1) * $1.score } / total
    }
    var blended = best
    blended.box = Box(x1: mean(\.box.x1), y1: mean(\.box.y1), x2: mean(\.box.x2), y2: mean(\.box.y2))
    if group.allSatisfy({ $0.keypoints.count == best.keypoints.count }) {
      blended.keypoints = best.keypoints.indices.map { index in
        Point(x: mean { $0.keypoints[index].x }, y: mean { $0.keypoints[index].y })
      }
    }
    return blended
  }
}
