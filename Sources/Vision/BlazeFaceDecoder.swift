/// Turns the outputs of a BlazeFace network into faces.
///
/// Source: Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019, and the decoding
/// options that MediaPipe publishes with the model.
///
///     let (square, padding) = photo.resizedInSquare(side: 128)
///     // run the network on square.pixels, each as x / 127.5 - 1
///     let faces = BlazeFaceDecoder.shortRange.detections(regressors: regressors, logits: logits)
///       .map { padding.pictureCoordinates(of: $0) }
public struct BlazeFaceDecoder: Sendable {
  /// Numbers for an anchor: centre x and y, width and height, then x and y of six key points: right eye, left eye, nose
  /// tip, mouth, right ear, left ear.
  public static let valuesPerAnchor = 16
  /// The model for faces within about 2 m: 128 x 128 input, 896 anchors.
  public static let shortRange = BlazeFaceDecoder(
    side: 128, anchors: AnchorGrid.centers(side: 128, strides: [8, 16, 16, 16]))

  /// Pixels of the network's square input: the unit of the regressors.
  public let side: Int
  public let anchors: [Point]
  /// Faces below it are dropped.
  public var scoreThreshold: Float = 0.5
  /// Boxes with a larger intersection over union are one face.
  public var overlapThreshold: Float = 0.3
  /// Whether a face is the weighted mean of its boxes, or its best box alone.
  public var blendsOverlaps = true

  public init(side: Int, anchors: [Point]) {
    self.side = side
    self.anchors = anchors
  }

  /// The faces by falling score, in 0...1 of the network's input.
  /// - Parameters:
  ///   - regressors: `(anchors.count, 16)`.
  ///   - logits: `(anchors.count)`, before the sigmoid.
  /// - Precondition: the counts are those of `anchors`.
  public func detections(regressors: [Float], logits: [Float]) -> [Detection] {
    precondition(logits.count == anchors.count && regressors.count == anchors.count * Self.valuesPerAnchor)
    let candidates = anchors.indices.compactMap { index -> Detection? in
      let score = Self.sigmoid(logits[index])
      guard score >= scoreThreshold else { return nil }
      return detection(
        regressors[index * Self.valuesPerAnchor..<(index + 1) * Self.valuesPerAnchor], anchors[index], score)
    }
    return blendsOverlaps
      ? NonMaximumSuppression.weighted(candidates, overlapThreshold: overlapThreshold)
      : NonMaximumSuppression.greedy(candidates, overlapThreshold: overlapThreshold)
  }

  /// `nil` for a box without area, or one that is not a number.
  private func detection(_ values: ArraySlice<Float>, _ anchor: Point, _ score: Float) -> Detection? {
    let offsets = values.map { $0 / Float(side) }
    let points = stride(from: 4, to: Self.valuesPerAnchor, by: 2).map {
      Point(x: anchor.x + offsets[$0], y: anchor.y + offsets[$0 + 1])
    }
    let (x, y) = (anchor.x + offsets[0], anchor.y + offsets[1])
    let (halfWidth, halfHeight) = (offsets[2] / 2, offsets[3] / 2)
    guard halfWidth > 0, halfHeight > 0, offsets.allSatisfy(\.isFinite) else { return nil }
    let box = Box(x1: x - halfWidth, y1: y - halfHeight, x2: x + halfWidth, y2: y + halfHeight)
    return Detection(box: box, score: score, label: "face", keypoints: points)
  }

  /// 1 / (1 + exp(-x)) with x clipped to -100...100, as MediaPipe has it; not a number for what is none.
  static func sigmoid(_ logit: Float) -> Float {
    1 / (1 + exponential(-min(max(logit, -100), 100)))
  }
}
