/// A point; the unit is the caller's: pixels, or 0...1 of a square.
public struct Point: Sendable, Hashable {
  public var x: Float
  public var y: Float

  public init(x: Float, y: Float) {
    self.x = x
    self.y = y
  }
}

/// An upright rectangle from `(x1, y1)`, above and left, to `(x2, y2)`.
public struct Box: Sendable, Hashable {
  public var x1: Float
  public var y1: Float
  public var x2: Float
  public var y2: Float

  public init(x1: Float, y1: Float, x2: Float, y2: Float) {
    self.x1 = x1
    self.y1 = y1
    self.x2 = x2
    self.y2 = y2
  }

  /// 0 for a box whose corners are swapped.
  public var area: Float { max(x2 - x1, 0) * max(y2 - y1, 0) }

  /// Intersection over union, 0...1; 0 when both areas are 0 or a corner is not a number.
  public func intersectionOverUnion(_ other: Box) -> Float {
    let shared = Box(
      x1: max(x1, other.x1), y1: max(y1, other.y1), x2: min(x2, other.x2), y2: min(y2, other.y2)
    ).area
    let union = area + other.area - shared
    return union > 0 ? shared / union : 0
  }

  /// The part of the box inside `0...width` and `0...height`.
  public func clipped(width: Int, height: Int) -> Box {
    Box(
      x1: min(max(x1, 0), Float(width)), y1: min(max(y1, 0), Float(height)), x2: min(max(x2, 0), Float(width)),
      y2: min(max(y2, 0), Float(height)))
  }
}

/// An object that a network found.
public struct Detection: Sendable, Hashable {
  public var box: Box
  /// 0...1.
  public var score: Float
  public var classIndex: Int
  /// The class in words; empty when unknown.
  public var label: String
  /// Points of the object in the network's order, in the unit of `box`; empty for networks without them.
  public var keypoints: [Point]

  public init(box: Box, score: Float, classIndex: Int = 0, label: String = "", keypoints: [Point] = []) {
    self.box = box
    self.score = score
    self.classIndex = classIndex
    self.label = label
    self.keypoints = keypoints
  }
}
