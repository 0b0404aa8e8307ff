/// Turns the output of a FastestDet network into objects: one box for each cell of a grid, without anchors.
///
/// Each cell has `5 + classes` numbers: how sure it is of an object, the centre's offset from the cell in cells before tanh,
/// width and height of the box in 0...1 of the picture before the sigmoid, and a probability for each class. Source: the
/// network's published description (github.com/dog-qiuqiu/FastestDet), whose score is `object^0.6 * class^0.4`.
public struct FastestDetDecoder: Sendable {
  /// Numbers of a cell before those of the classes.
  public static let valuesBeforeClasses = 5

  public let columns: Int
  public let rows: Int
  public let classes: Int
  /// Boxes below it are dropped.
  public var scoreThreshold: Float = 0.5
  /// Boxes of a class with a larger intersection over union are one object.
  public var overlapThreshold: Float = 0.45

  /// - Precondition: all are at least 1.
  public init(columns: Int, rows: Int, classes: Int) {
    precondition(columns >= 1 && rows >= 1 && classes >= 1)
    self.columns = columns
    self.rows = rows
    self.classes = classes
  }

  /// The objects by falling score, in 0...1 of the network's input.
  /// - Parameters:
  ///   - values: `(rows, columns, 5 + classes)`, or `(5 + classes, rows, columns)` with `channelsFirst`.
  /// - Precondition: there are that many.
  public func detections(values: [Float], channelsFirst: Bool = false) -> [Detection] {
    let channels = Self.valuesBeforeClasses + classes
    precondition(values.count == rows * columns * channels)
    var candidates: [Detection] = []
    for row in 0..<rows {
      for column in 0..<columns {
        let cell = row * columns + column
        let detection = detection(row: row, column: column) { channel in
          channelsFirst ? values[channel * rows * columns + cell] : values[cell * channels + channel]
        }
        if let detection { candidates.append(detection) }
      }
    }
    return NonMaximumSuppression.greedy(candidates, overlapThreshold: overlapThreshold)
  }

  /// `nil` for a cell that is not sure enough, or has numbers that are none.
  private func detection(row: Int, column: Int, _ value: (Int) -> Float) -> Detection? {
    var best = 0
    for candidate in 1..<max(1, classes)
    where value(Self.valuesBeforeClasses + candidate) > value(Self.valuesBeforeClasses + best) { best = candidate }
    let object = min(max(value(0), 0), 1)
    let probability = min(max(value(Self.valuesBeforeClasses + best), 0), 1)
    let score = power(object, 0.6) * power(probability, 0.4)
    guard score >= scoreThreshold else { return nil }
    let x = (Float(column) + hyperbolicTangent(value(1))) / Float(columns)
    let y = (Float(row) + hyperbolicTangent(value(2))) / Float(rows)
    let (halfWidth, halfHeight) = (sigmoid(value(3)) / 2, sigmoid(value(4)) / 2)
    guard [x, y, halfWidth, halfHeight].allSatisfy(\.isFinite) else { return nil }
    let box = Box(x1: x - halfWidth, y1: y - halfHeight, x2: x + halfWidth, y2: y + halfHeight)
    return Detection(box: box, score: score, classIndex: best)
  }

  private func sigmoid(_ x: Float) -> Float { 1 / (1 + exponential(-x)) }
}
