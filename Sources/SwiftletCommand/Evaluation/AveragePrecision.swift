/// The average precision of boxes as the COCO detection challenge measures it: 101 points of recall, intersections over
/// union of .50 to .95 in steps of .05, at most 100 boxes of a class in a picture.
///
/// Source: the description of the metrics at cocodataset.org and the rules for crowds that its evaluation code documents: boxes
/// in a crowd region, and boxes outside the range of areas that match nothing, count neither for nor against.
struct AveragePrecision {
  /// Left, top, width, height in pixels.
  struct Rectangle: Equatable {
    var x, y, width, height: Double

    var area: Double { width * height }
  }

  /// An object that is in a picture.
  struct Truth {
    let picture: Int
    let category: Int
    let box: Rectangle
    /// Of its outline; decides whether it is small, medium or large.
    let area: Double
    let isCrowd: Bool
  }

  /// A box that a network found.
  struct Found {
    let picture: Int
    let category: Int
    let box: Rectangle
    let score: Double
  }

  /// Intersections over union at which a box counts as found.
  static let thresholds = (0..<10).map { (index: Int) -> Double in
    let step = (0.95 - 0.5) / 9
    return index == 9 ? 0.95 : 0.5 + Double(index) * step
  }
  /// Points of recall.
  static let recalls = (0...100).map { (index: Int) -> Double in index == 100 ? 1 : Double(index) * 0.01 }
  /// The most boxes of a class in a picture.
  static let limit = 100

  enum Area: Int, CaseIterable {
    case all, small, medium, large

    var range: ClosedRange<Double> {
      switch self {
      case .all: 0...1e10
      case .small: 0...1024
      case .medium: 1024...9216
      case .large: 9216...1e10
      }
    }
  }

  /// Precision and recall of one class.
  struct Curve {
    /// By threshold: the mean over the points of recall.
    let precisions: [Double]
    /// By threshold: with 1, 10 and 100 boxes of a class in a picture.
    let recalls: [[Double]]
  }

  let categories: [Int]
  /// By range of areas, then by category; `nil` for categories without an object in that range.
  private let curves: [[Curve?]]

  /// - Parameter categories: those to average over, and the order of `perCategory`.
  init(categories: [Int], truths: [Truth], found: [Found]) {
    self.categories = categories
    let truths = Dictionary(grouping: truths, by: \.category)
    let found = Dictionary(grouping: found, by: \.category)
    var curves = [[Curve?]](repeating: [], count: Area.allCases.count)
    for category in categories {
      let pictures = Self.pictures(truths[category] ?? [], found[category] ?? [])
      for area in Area.allCases {
        curves[area.rawValue].append(Self.curve(pictures.map { $0.matching(area.range) }))
      }
    }
    self.curves = curves
  }

  /// The mean over all categories that have objects; `nil` when none has.
  /// - Parameter threshold: an index of `thresholds`; `nil` for the mean over all.
  func mean(_ area: Area = .all, threshold: Int? = nil) -> Double? {
    Self.mean(
      curves[area.rawValue].compactMap { $0 }.flatMap { curve in
        threshold.map { [curve.precisions[$0]] } ?? curve.precisions
      })
  }

  /// The mean recall with at most 1, 10 or 100 boxes (`limit` 0, 1 or 2).
  func meanRecall(_ area: Area = .all, limit: Int = 2) -> Double? {
    Self.mean(curves[area.rawValue].compactMap { $0 }.flatMap { $0.recalls[limit] })
  }

  /// By category: the mean over all thresholds; `nil` for categories without objects.
  var perCategory: [Double?] { curves[0].map { $0.flatMap { Self.mean($0.precisions) } } }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private static func pictures(_ truths: [Truth], _ found: [Found]) -> [CategoryPicture] {
    let truths = Dictionary(grouping: truths, by: \.picture)
    let found = Dictionary(grouping: found, by: \.picture)
    return Set(truths.keys).union(found.keys).sorted().map {
      CategoryPicture(truths: truths[$0] ?? [], found: found[$0] ?? [])
    }
  }

  private static func curve(_ matchings: [CategoryPicture.Matching]) -> Curve? {
    let truths = matchings.reduce(0) { $0 + $1.truths }
    guard truths > 0 else { return nil }
    let limits = [1, 10, limit].map { limit in matchings.map { $0.prefix(limit) } }
    let outcomes = limits.map { matchings in Outcomes(matchings) }
    let best = outcomes[2]
    return Curve(
      precisions: thresholds.indices.map { best.precision(threshold: $0, truths: truths) },
      recalls: outcomes.map { outcome in thresholds.indices.map { outcome.recall(threshold: $0, truths: truths) } })
  }
}

/// The boxes of a category in all pictures by falling score.
private struct Outcomes {
  /// By threshold, then by box.
  private var matched: [[Bool]] = []
  private var ignored: [[Bool]] = []

  init(_ matchings: [CategoryPicture.Matching]) {
    let scores = matchings.flatMap(\.scores)
    let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    for threshold in AveragePrecision.thresholds.indices {
      let all = matchings.flatMap { $0.matched[threshold] }
      let without = matchings.flatMap { $0.ignored[threshold] }
      matched.append(order.map { all[$0] })
      ignored.append(order.map { without[$0] })
    }
  }

  func recall(threshold: Int, truths: Int) -> Double {
    let hits = matched[threshold].indices.count { matched[threshold][$0] && !ignored[threshold][$0] }
    return Double(hits) / Double(truths)
  }

  /// The mean over the points of recall of the best precision at that recall or a higher one.
  func precision(threshold: Int, truths: Int) -> Double {
    var (hits, misses) = (0, 0)
    var recalls: [Double] = []
    var precisions: [Double] = []
    for (isMatched, isIgnored) in zip(matched[threshold], ignored[threshold]) {
      if !isIgnored {
        if isMatched { hits += 1 } else { misses += 1 }
      }
      recalls.append(Double(hits) / Double(truths))
      precisions.append(Double(hits) / (Double(hits + misses) + Double.ulpOfOne))
    }
    for index in precisions.indices.dropLast().reversed() {
      precisions[index] = max(precisions[index], precisions[index + 1])
    }
    var sum = 0.0
    var index = 0
    for point in AveragePrecision.recalls {
      while index < recalls.count && recalls[index] < point { index += 1 }
      if index < recalls.count { sum += precisions[index] }
    }
    return sum / Double(AveragePrecision.recalls.count)
  }
}
