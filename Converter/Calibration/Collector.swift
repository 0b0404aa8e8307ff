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
  private let state = Mutex(State())

  init(_ graph: Graph) {
    self.graph = graph
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

  /// Counts the elements of a value. `scratch` is all zeros before and after.
  func count(_ id: ValueID, _ bytes: RawSpan, _ scratch: inout [UInt32]) -> SampleRange? {
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
        unsafe swl_count_in_bins(base, elements.count, 1 / width, &scratch, scratch.count)
      }
      state.withLock { state in
        var statistics = state.statistics.removeValue(forKey: id) ?? ValueStatistics()
        if magnitude > 0 {
          statistics.histogram.add(&scratch, width: width)
        } else {
          statistics.histogram.addZeros(elements.count)
        }
        state.statistics[id] = statistics
      }
      return result
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
