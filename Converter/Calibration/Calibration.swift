internal import CPlatform

/// What flowed along the edges of a float graph for a set of samples.
package struct Calibration: Sendable {
  /// By value of the graph; float32 values that are not constant.
  package private(set) var statistics: [ValueID: ValueStatistics] = [:]
  /// By layer with weights, of what it reads; without layers that have too many inputs.
  private(set) var moments: [NodeID: InputMoments] = [:]
  package private(set) var sampleCount = 0

  package init(statistics: [ValueID: ValueStatistics] = [:], sampleCount: Int = 0) {
    self.statistics = statistics
    self.sampleCount = sampleCount
  }

  /// Runs the samples through `graph`, one after the other with both cores at each layer, and keeps what a value's range is
  /// chosen from. The result does not depend on the number of threads, and memory neither on it nor on the number of samples.
  ///
  /// - Parameters:
  ///   - keepsMoments: whether weights shall be rounded by what is seen (`QuantizationPlan.refinesWeights`).
  ///   - progress: called with the number of samples done.
  /// - Throws: what `source` throws, `ConversionError` for layers that cannot be run and for an empty source.
  package static func measure(
    _ graph: Graph, _ source: some SampleSource, threads: Int = 2, keepsMoments: Bool = true,
    progress: (Int) -> Void = { _ in }
  ) throws -> Calibration {
    guard source.count > 0 else { throw ConversionError(.noInput, "there is no sample to calibrate with") }
    let executor = try GraphExecutor(graph, threads: threads)
    var collector = Collector(graph, executor.workers)
    var moments = MomentCollector(keepsMoments ? graph : Graph())
    for index in 0..<source.count {
      // Histograms grow less and less from sample to sample and leave holes where they were.
      if index & (index - 1) == 0 { swl_return_free_pages() }
      try executor.run(source.sample(index)) { id, bytes in
        collector.count(id, bytes)
        collector.view(id, executor)
        moments.add(id, bytes, sample: index)
      }
      progress(index + 1)
    }
    var calibration = Calibration(statistics: collector.statistics, sampleCount: source.count)
    calibration.extend(graph.inputs, to: source.inputRanges)
    calibration.moments = moments.moments
    return calibration
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

  /// The same for int16.
  package func wideRanges(_ method: CalibrationMethod) -> [ValueID: ClosedRange<Float>] {
    statistics.compactMapValues { method.wideRange(of: $0) }
  }
}
