import Vision

/// Which category of an instances file a network's class is.
struct CategoryTable {
  private let byName: [String: Int]
  private let byNumber: [Int: Int]
  /// Whether the network has as many classes as the file has categories.
  private let isComplete: Bool

  /// A class is the category that its label names. Where the network has as many classes as there are categories, labels
  /// that name none ("sofa" for "couch") stand for the categories in their order; so do all without labels. Without
  /// labels and with another number, class `n` is the category number `n + 1`, as networks have it that were trained on COCO's
  /// own numbers.
  init(_ categories: [COCOAnnotations.Category], classCount: Int?) {
    byName = Dictionary(categories.map { ($0.name.lowercased(), $0.id) }) { first, _ in first }
    isComplete = classCount == categories.count
    byNumber =
      isComplete
      ? Dictionary(uniqueKeysWithValues: categories.enumerated().map { ($0.offset, $0.element.id) })
      : Dictionary(categories.map { ($0.id - 1, $0.id) }) { first, _ in first }
  }

  /// `nil` for what the file has no category for.
  func category(of detection: Detection) -> Int? {
    if let named = byName[detection.label.lowercased()] { return named }
    return detection.label.isEmpty || isComplete ? byNumber[detection.classIndex] : nil
  }
}
