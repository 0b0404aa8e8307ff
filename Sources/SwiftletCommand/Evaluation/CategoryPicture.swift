/// The objects of one category in one picture, and the boxes that were found for it.
struct CategoryPicture {
  private let truths: [AveragePrecision.Truth]
  /// By falling score, at most `AveragePrecision.limit`.
  private let found: [AveragePrecision.Found]
  /// By box, then by object.
  private let overlaps: [[Double]]

  /// Which boxes found an object.
  struct Matching {
    var scores: [Double]
    /// By threshold, then by box.
    var matched: [[Bool]]
    /// Boxes that count neither for nor against.
    var ignored: [[Bool]]
    /// Objects that count.
    let truths: Int

    /// What only the best `count` boxes give.
    func prefix(_ count: Int) -> Matching {
      Matching(
        scores: Array(scores.prefix(count)), matched: matched.map { Array($0.prefix(count)) },
        ignored: ignored.map { Array($0.prefix(count)) }, truths: truths)
    }
  }

  init(truths: [AveragePrecision.Truth], found: [AveragePrecision.Found]) {
    let sorted = found.enumerated()
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
      .prefix(AveragePrecision.limit).map(\.element)
    self.truths = truths
    self.found = sorted
    overlaps = sorted.map { found in truths.map { Self.overlap(found.box, $0) } }
  }

  /// Intersection over union; over the box's own area where the object is a crowd.
  private static func overlap(
    _ box: AveragePrecision.Rectangle, _ truth: AveragePrecision.Truth
  ) -> Double {
    let other = truth.box
    let width = min(box.x + box.width, other.x + other.width) - max(box.x, other.x)
    let height = min(box.y + box.height, other.y + other.height) - max(box.y, other.y)
    guard width > 0, height > 0 else { return 0 }
    let shared = width * height
    return shared / (truth.isCrowd ? box.area : box.area + other.area - shared)
  }

  /// Gives each box, best first, the object that it overlaps most, among those that no other box has. Objects outside
  /// `areas` and crowds take what nothing else wants.
  func matching(_ areas: ClosedRange<Double>) -> Matching {
    let isIgnored = truths.map { $0.isCrowd || !areas.contains($0.area) }
    let order = truths.indices.filter { !isIgnored[$0] } + truths.indices.filter { isIgnored[$0] }
    var result = Matching(
      scores: found.map(\.score), matched: [], ignored: [], truths: isIgnored.count { !$0 })
    for threshold in AveragePrecision.thresholds {
      var isTaken = [Bool](repeating: false, count: truths.count)
      var matched: [Bool] = []
      var ignored: [Bool] = []
      for box in found.indices {
        if let truth = best(box, order, isIgnored, isTaken, threshold) {
          isTaken[truth] = true
          matched.append(true)
          ignored.append(isIgnored[truth])
        } else {
          matched.append(false)
          ignored.append(!areas.contains(found[box].box.area))
        }
      }
      result.matched.append(matched)
      result.ignored.append(ignored)
    }
    return result
  }

  private func best(
    _ box: Int, _ order: [Int], _ isIgnored: [Bool], _ isTaken: [Bool], _ threshold: Double
  ) -> Int? {
    var overlap = min(threshold, 1 - 1e-10)
    var best: Int?
    for truth in order where !isTaken[truth] || truths[truth].isCrowd {
      if let best, !isIgnored[best], isIgnored[truth] { return best }
      if overlaps[box][truth] >= overlap {
        overlap = overlaps[box][truth]
        best = truth
      }
    }
    return best
  }
}
