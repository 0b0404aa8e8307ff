internal import CFloatLayers
internal import ModelFormat
internal import Synchronization

/// Gathers statistics from several threads. Counts are added in any order, which changes nothing; ranges in the order of
/// the samples.
final class Collector: Sendable {
  private struct State {
    var statistics: [ValueID: ValueStatistics] = [:]
    var next = 0
    /// Ranges of samples that are done while an earlier one is not.
    var waiting: [Int: [SampleRange]] = [:]
    var done = 0
    var failure: (any Error)?
  }

  private let graph: Graph
  /// Data of layers with weights, whose means by channel are wanted.
  private let weighted: Set<ValueID>
  private let views: ReaderViews
  private let state = Mutex(State())

  /// Counts of one value in one sample; all zeros between values.
  struct Scratch {
    fileprivate var counts = [UInt32](repeating: 0, count: Histogram.binCount)
    fileprivate var others = [UInt32](repeating: 0, count: Histogram.binCount)
  }

  init(_ graph: Graph) {
    self.graph = graph
    views = ReaderViews(graph)
    weighted = Set(
      graph.nodeIDs.compactMap { graph[$0] }.compactMap { node in
        WeightOperands(node.operation.kind).flatMap { node.inputs[$0.data] }
      })
  }

  /// The next sample to run; `nil` when none is left or one has failed.
  func next(of count: Int) -> Int? {
    state.withLock { state in
      guard state.next < count, state.failure == nil else { return nil }
      defer { state.next += 1 }
      return state.next
    }
  }

  func fail(_ error: any Error) {
    state.withLock { $0.failure = $0.failure ?? error }
  }

  /// Counts the elements of a value.
  func count(_ id: ValueID, _ bytes: RawSpan, _ scratch: inout Scratch) -> SampleRange? {
    let value = graph[id]
    guard value.type == .float32 else { return nil }
    return unsafe bytes.withUnsafeBytes { raw in
      let elements = unsafe raw.bindMemory(to: Float.self)
      guard let base = elements.baseAddress else { return nil }
      let range = unsafe swl_range_of(base, elements.count)
      let magnitude = max(abs(range.low), abs(range.high))
      var sums: [Double] = []
      if weighted.contains(id), let channels = value.shape.last, channels > 0 {
        sums = Array(repeating: 0, count: channels)
        unsafe swl_add_columns(base, elements.count / channels, channels, &sums)
      }
      let result = SampleRange(
        id: id, low: range.low, high: range.high, notFinite: range.not_finite, columnSums: sums,
        elements: elements.count)
      guard range.low <= range.high else { return result }
      let width = Histogram.width(for: magnitude)
      if magnitude > 0 {
        unsafe swl_count_in_bins(base, elements.count, 1 / width, &scratch.counts, Histogram.binCount)
      }
      state.withLock { state in
        var statistics = state.statistics.removeValue(forKey: id) ?? statisticsBefore(id)
        if magnitude > 0 {
          statistics.histogram.add(&scratch.counts, width: width)
        } else {
          statistics.histogram.addZeros(elements.count)
        }
        state.statistics[id] = statistics
      }
      return result
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
  func view(_ output: ValueID, _ executor: GraphExecutor, _ scratch: inout Scratch) {
    for view in views.views[output] ?? [] {
      let width: Float? =
        switch view.kind {
        case .logits(let classes): executor.withOperand(view.value) { scratch.countLogits($0, classes) } ?? nil
        case .addend(let other):
          executor.withOperand(view.value) { own in
            executor.withOperand(other) { scratch.countAddends(own, $0) } ?? nil
          } ?? nil
        }
      guard let width else { continue }
      state.withLock { state in
        var found = state.statistics[view.value]?.view ?? view.empty
        found.add(&scratch.counts, &scratch.others, width: width)
        state.statistics[view.value]?.view = found
      }
    }
  }

  /// Ends sample `index`.
  func finish(_ index: Int, _ ranges: [SampleRange], _ progress: (Int) -> Void) {
    state.withLock { state in
      state.waiting[index] = ranges
      while let ready = state.waiting.removeValue(forKey: state.done) {
        for range in ready { state.statistics[range.id, default: ValueStatistics()].add(range) }
        state.done += 1
      }
      progress(state.done)
    }
  }

  func calibration(_ source: some SampleSource) throws -> Calibration {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      var calibration = Calibration(statistics: state.statistics, sampleCount: state.done)
      calibration.extend(graph.inputs, to: source.inputRanges)
      return calibration
    }
  }
}

extension Collector.Scratch {
  /// The width of the bins; `nil` where there are zeros alone or nothing finite.
  fileprivate mutating func countLogits(_ logits: RawSpan, _ classes: Int) -> Float? {
    unsafe Self.withElements(logits, logits) { logits, _, count, magnitude in
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
