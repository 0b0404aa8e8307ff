/// A picture in the middle of the smallest square around it.
public struct SquarePadding: Sendable, Equatable {
  /// The square's side in pixels of the picture.
  public let side: Int
  /// Columns of padding on the left; on the right there are as many or one more.
  public let left: Int
  /// Rows of padding above; below there are as many or one more.
  public let top: Int

  /// - Precondition: `width` and `height` are at least 1.
  public init(width: Int, height: Int) {
    precondition(width >= 1 && height >= 1)
    side = max(width, height)
    left = (side - width) / 2
    top = (side - height) / 2
  }

  /// A point of the square, 0...1 on both axes, in pixels of the picture. May lie outside it.
  public func pictureCoordinates(of point: Point) -> Point {
    Point(x: point.x * Float(side) - Float(left), y: point.y * Float(side) - Float(top))
  }

  /// A box of the square in pixels of the picture.
  public func pictureCoordinates(of box: Box) -> Box {
    let low = pictureCoordinates(of: Point(x: box.x1, y: box.y1))
    let high = pictureCoordinates(of: Point(x: box.x2, y: box.y2))
    return Box(x1: low.x, y1: low.y, x2: high.x, y2: high.y)
  }

  /// A detection in the square in pixels of the picture.
  public func pictureCoordinates(of detection: Detection) -> Detection {
    var detection = detection
    detection.box = pictureCoordinates(of: detection.box)
    detection.keypoints = detection.keypoints.map { pictureCoordinates(of: $0) }
    return detection
  }
}
