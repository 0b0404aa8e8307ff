internal import CFloatLayers
internal import ModelFormat

/// Gathers the statistics of values, sample after sample.
struct Collector {
  private let graph: Graph
  /// Data of layers with weights, whose means by channel are wanted.
  private let weighted: Set<ValueID>
  private let views: ReaderViews
  private let workers: Workers
  /// By part of a value.
  private var scratch: [Scratch]
  private(set) var statistics: [ValueID: ValueStatistics] = [:]

  /// Counts of a part of one value in one sample; all zeros between values.
  struct Scratch {
    fileprivate var counts = [UInt32](repeating: 0, count: Histogram.binCount)
    fileprivate var others = [UInt32](repeating: 0, count: Histogram.binCount)
  }

  /// Elements from which on a value is counted in two parts.
  private static let largeCount = 1 << 15

  init(_ graph: Graph, _ workers: Workers) {
    self.graph = graph
    self.workers = workers
    scratch = [Scratch(), Scratch()]
    views = ReaderViews(graph)
    weighted = Set(
      graph.nodeIDs.compactMap { graph[$0] }.compactMap { node in
        WeightOperands(node.operation.kind).flatMap { node.inputs[$0.data] }
      })
  }

  /// Counts the elements of a value.
  mutating func count(_ id: ValueID, _ bytes: RawSpan) {
    let value = graph[id]
    guard value.type == .float32 else { return }
    unsafe bytes.withUnsafeBytes { raw in
      let elements = unsafe raw.bindMemory(to: Float.self)
      guard unsafe elements.baseAddress != nil else { return }
      let channels = weighted.contains(id) ? value.shape.last ?? 0 : 0
      let parts = unsafe Self.parts(of: elements, channels)
      let range = unsafe range(of: parts, channels, id)
      var found = statistics.removeValue(forKey: id) ?? statisticsBefore(id)
      if range.low <= range.high {
        let magnitude = max(abs(range.low), abs(range.high))
        if magnitude > 0 {
          unsafe count(parts, in: &found.histogram, width: Histogram.width(for: magnitude))
        } else {
          found.histogram.addZeros(elements.count)
        }
      }
      found.add(range)
      statistics[id] = found
    }
  }

  /// One part, or two of whole rows.
  private static func parts(
    of elements: UnsafeBufferPointer<Float>, _ channels: Int
  ) -> [UnsafeBufferPointer<Float>] {
    let row = max(channels, 1)
    let half = elements.count / row / 2 * row
    guard elements.count >= largeCount, half > 0 else { return unsafe [elements] }
    return unsafe [.init(rebasing: elements[..<half]), .init(rebasing: elements[half...])]
  }

  /// The ends of all parts, and the sums of each channel where there are channels.
  private func range(
    of parts: [UnsafeBufferPointer<Float>], _ channels: Int, _ id: ValueID
  ) -> SampleRange {
    let count = unsafe parts.count
    let elements = unsafe parts.reduce(0) { $0 + $1.count }
    var ranges = Array(repeating: swl_float_range(), count: count)
    var sums = Array(repeating: 0.0, count: count * channels)
    unsafe ranges.withUnsafeMutableBufferPointer { ranges in
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        workers.run(parts: count, nanoseconds: elements) { part, _ in
          guard let base = unsafe parts[part].baseAddress else { return }
          unsafe ranges[part] = unsafe swl_range_of(base, parts[part].count)
          guard channels > 0, let sums = sums.baseAddress else { return }
          unsafe swl_add_columns(base, parts[part].count / channels, channels, sums + part * channels)
        }
      }
    }
    return SampleRange(
      id: id, low: ranges.reduce(.infinity) { min($0, $1.low) }, high: ranges.reduce(-.infinity) { max($0, $1.high) },
      notFinite: ranges.reduce(0) { $0 + $1.not_finite },
      columnSums: (0..<channels).map { channel in
        stride(from: channel, to: sums.count, by: channels).reduce(0) { $0 + sums[$1] }
      },
      elements: elements)
  }

  private mutating func count(
    _ parts: [UnsafeBufferPointer<Float>], in histogram: inout Histogram, width: Float
  ) {
    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
      unsafe workers.run(parts: parts.count, nanoseconds: 2 * parts[0].count) { part, _ in
        guard let base = unsafe parts[part].baseAddress else { return }
        unsafe swl_count_in_bins(base, parts[part].count, 1 / width, &scratch[part].counts, Histogram.binCount)
      }
      for part in unsafe parts.indices { unsafe histogram.add(&scratch[part].counts, width: width) }
    }
  }

  private func statisticsBefore(_ id: ValueID) -> ValueStatistics {
    var statistics = ValueStatistics()
    switch graph.producer(of: id)?.node.operation.activation {
    case .relu: statistics.limits = 0 ... .infinity
    case .relu6: statistics.limits = 0...6
    case .reluN1To1: statistics.limits = -1...1
    default: break
    }
    return statistics
  }

  /// Counts what the step that computes `output` makes of its operands, where that is of interest.
  mutating func view(_ output: ValueID, _ executor: GraphExecutor) {
    for view in views.views[output] ?? [] {
      let width: Float? =
        switch view.kind {
        case .logits(let classes): executor.withOperand(view.value) { scratch[0].countLogits($0, classes) } ?? nil
        case .addend(let other):
          executor.withOperand(view.value) { own in
            executor.withOperand(other) { scratch[0].countAddends(own, $0) } ?? nil
          } ?? nil
        }
      guard let width else { continue }
      var found = statistics[view.value]?.view ?? view.empty
      scratch[0].move(to: &found, width: width)
      statistics[view.value]?.view = found
    }
  }
}

extension Collector.Scratch {
  fileprivate mutating func move(to view: inout ReaderView, width: Float) {
    view.add(&counts, &others, width: width)
  }

  /// The width of the bins; `nil` where there are zeros alone or nothing finite.
  fileprivate mutating func countLogits(_ logits: RawSpan, _ classes: Int) -> Float? {
    unsafe Self.withElements(logits, logits) { logits, _, count, _ in
      let magnitude = unsafe swl_reach_of_logits(logits, count / classes, classes)
      guard magnitude > 0 else { return nil }
      let width = Histogram.width(for: magnitude)
      unsafe swl_count_logits(logits, count / classes, classes, 1 / width, &counts, &others, Histogram.binCount)
      return width
    }
  }

  fileprivate mutating func countAddends(_ own: RawSpan, _ other: RawSpan) -> Float? {
    unsafe Self.withElements(own, other) { own, other, count, magnitude in
      guard magnitude > 0 else { return nil }
      let width = Histogram.width(for: magnitude)
      unsafe swl_count_addends(own, other, count, 1 / width, &counts, &others, Histogram.binCount)
      return width
    }
  }

  /// Both as numbers, how many there are in each, and the largest finite magnitude among all.
  private static func withElements(
    _ a: RawSpan, _ b: RawSpan, _ body: (UnsafePointer<Float>, UnsafePointer<Float>, Int, Float) -> Float?
  ) -> Float? {
    unsafe a.withUnsafeBytes { a in
      unsafe b.withUnsafeBytes { b in
        let (one, other) = unsafe (a.bindMemory(to: Float.self), b.bindMemory(to: Float.self))
        guard let first = one.baseAddress, let second = other.baseAddress, one.count == other.count else { return nil }
        let ranges = unsafe [swl_range_of(first, one.count), swl_range_of(second, other.count)]
        let magnitude = ranges.filter { $0.low <= $0.high }.map { max(abs($0.low), abs($0.high)) }.max() ?? 0
        return unsafe body(first, second, one.count, magnitude)
      }
    }
  }
}
