internal import CFloatLayers
internal import ModelFormat

/// What the only reader of a value makes of its numbers, where that is not all the same: a rectified sum does not tell
/// apart what it cuts off, nor a softmax classes that are out of the question.
struct ReaderView: Sendable {
  /// Numbers, as often as they matter.
  private(set) var weighted = Histogram()
  /// What a number would have to exceed to matter, for numbers that did not.
  private(set) var thresholds = Histogram()
  /// The count of a number that matters as much as any can.
  let fullWeight: Double

  fileprivate init(fullWeight: Double) { self.fullWeight = fullWeight }

  /// Where the lowest bin begins that anything was counted in.
  var lowest: Float? {
    [weighted, thresholds].compactMap { histogram in
      histogram.counts.occupied.first { histogram.counts[$0] > 0 }.map { histogram.start(of: $0) }
    }.min()
  }

  /// Adds counts taken at `width`, and clears them.
  mutating func add(_ weighted: inout [UInt32], _ thresholds: inout [UInt32], width: Float) {
    self.weighted.add(&weighted, width: width)
    self.thresholds.add(&thresholds, width: width)
  }
}

/// Which values are seen through their reader, and how.
struct ReaderViews: Sendable {
  struct View: Sendable {
    enum Kind { case addend(other: ValueID), logits(classes: Int) }

    let value: ValueID
    let kind: Kind

    /// Before anything was counted.
    var empty: ReaderView {
      switch kind {
      case .addend: ReaderView(fullWeight: 1)
      case .logits: ReaderView(fullWeight: 257)
      }
    }
  }

  /// By output of the reader.
  private(set) var views: [ValueID: [View]] = [:]

  /// Elements of which weighted counts fit 32 bits.
  private static let largestCount = 1 << 24

  init(_ graph: Graph) {
    for id in graph.nodeIDs {
      guard let node = graph[id], let output = node.outputs.first, graph[output].count < Self.largestCount else {
        continue
      }
      let data = node.inputs.compactMap { $0 }
      switch node.operation.kind {
      case .add where node.operation.activation == .relu && data.count == 2:
        guard data.allSatisfy({ !graph[$0].isConstant && graph[$0].shape == graph[output].shape }) else { continue }
        views[output] = [(data[0], data[1]), (data[1], data[0])].filter { graph.hasSingleUse($0.0) }
          .map { View(value: $0.0, kind: .addend(other: $0.1)) }
      case .softmax where data.count == 1 && graph.hasSingleUse(data[0]) && node.operation.float(0) == 1:
        guard let classes = graph[data[0]].shape.last, classes > 0 else { continue }
        views[output] = [View(value: data[0], kind: .logits(classes: classes))]
      default: continue
      }
    }
  }
}
