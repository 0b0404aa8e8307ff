internal import Dispatch

/// What flowed along the edges of a float graph for a set of samples.
package struct Calibration: Sendable {
  /// By value of the graph; float32 values that are not constant.
  package private(set) var statistics: [ValueID: ValueStatistics] = [:]
  package private(set) var sampleCount = 0

  package init(statistics: [ValueID: ValueStatistics] = [:], sampleCount: Int = 0) {
    self.statistics = statistics
    self.sampleCount = sampleCount
  }

  /// Runs the samples through `graph` on both cores and keeps what a value's range is chosen from. The result does not
  /// depend on the number of threads.
  ///
  /// - Parameters:
  ///   - progress: called with the number of samples done; from several threads, one at a time.
  /// - Throws: what `source` throws, `ConversionError` for layers that cannot be run and for an empty source.
  package static func measure(
    _ graph: Graph, _ source: some SampleSource, threads: Int = 2, progress: @Sendable (Int) -> Void = { _ in }
  ) throws -> Calibration {
    guard source.count > 0 else { throw ConversionError(.noInput, "there is no sample to calibrate with") }
    let collector = Collector(graph)
    let workers = max(1, min(threads, source.count))
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      do {
        let executor = try GraphExecutor(graph)
        var scratch = [UInt32](repeating: 0, count: Histogram.binCount)
        while let index = collector.next(of: source.count) {
          var ranges: [SampleRange] = []
          try executor.run(source.sample(index)) { id, bytes in
            if let range = collector.count(id, bytes, &scratch) { ranges.append(range) }
          }
          collector.finish(index, ranges, progress)
        }
      } catch {
        collector.fail(error)
      }
    }
    return try collector.calibration(source)
  }

  /// The statistics of the inputs with the ranges that the source knows.
  mutating func extend(_ inputs: [ValueID], to ranges: [ClosedRange<Float>?]) {
    for (id, range) in zip(inputs, ranges) {
      if let range { statistics[id]?.extend(to: range) }
    }
  }
}

extension Calibration {
  /// The range of each value of which finite numbers were seen.
  package func ranges(_ method: CalibrationMethod) -> [ValueID: ClosedRange<Float>] {
    statistics.compactMapValues { method.range(of: $0) }
  }
}
