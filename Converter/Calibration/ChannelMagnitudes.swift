internal import CFloatLayers

/// How far the channels of values reach: the largest magnitude of each index of the last dimension.
enum ChannelMagnitudes {
  static func measure(
    _ graph: Graph, of values: Set<ValueID>, _ source: some SampleSource, threads: Int
  ) throws -> [ValueID: [Float]] {
    var magnitudes: [ValueID: [Float]] = [:]
    let executor = try GraphExecutor(graph, threads: threads)
    for index in 0..<source.count {
      try executor.run(source.sample(index)) { id, bytes in
        guard values.contains(id), let channels = graph[id].shape.last, channels > 0 else { return }
        var largest = magnitudes[id] ?? [Float](repeating: 0, count: channels)
        unsafe bytes.withUnsafeBytes { raw in
          let elements = unsafe raw.bindMemory(to: Float.self)
          if let base = elements.baseAddress {
            unsafe swl_raise_to_columns(base, elements.count / channels, channels, &largest)
          }
        }
        magnitudes[id] = largest
      }
    }
    return magnitudes
  }
}
