internal import CFloatLayers
internal import Dispatch
internal import Synchronization

/// How far the channels of values reach: the largest magnitude of each index of the last dimension.
enum ChannelMagnitudes {
  private struct State {
    var magnitudes: [ValueID: [Float]] = [:]
    var next = 0
    var failure: (any Error)?
  }

  static func measure(
    _ graph: Graph, of values: Set<ValueID>, _ source: some SampleSource, threads: Int
  ) throws -> [ValueID: [Float]] {
    let state = Mutex(State())
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, source.count))) { _ in
      do {
        let executor = try GraphExecutor(graph)
        while let index = state.withLock({ state -> Int? in
          guard state.next < source.count, state.failure == nil else { return nil }
          defer { state.next += 1 }
          return state.next
        }) {
          try executor.run(source.sample(index)) { id, bytes in
            guard values.contains(id), let channels = graph[id].shape.last, channels > 0 else { return }
            let found = unsafe bytes.withUnsafeBytes { raw in
              var largest = [Float](repeating: 0, count: channels)
              let elements = unsafe raw.bindMemory(to: Float.self)
              if let base = elements.baseAddress {
                unsafe swl_raise_to_columns(base, elements.count / channels, channels, &largest)
              }
              return largest
            }
            state.withLock { state in
              state.magnitudes[id] = state.magnitudes[id].map { zip($0, found).map { max($0, $1) } } ?? found
            }
          }
        }
      } catch {
        state.withLock { $0.failure = $0.failure ?? error }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.magnitudes
    }
  }
}
