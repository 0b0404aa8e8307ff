internal import ModelFormat

/// Adds up the moments of layers with weights, sample after sample.
struct MomentCollector {
  private struct Reader {
    let layer: NodeID
    let sampler: WindowSampler
  }

  /// By value: the layers that read it.
  private var readers: [ValueID: [Reader]] = [:]
  private(set) var moments: [NodeID: InputMoments] = [:]
  private var scratch: [Float] = []

  init(_ graph: Graph) {
    for id in graph.executionOrder {
      guard let node = graph[id], let operands = WeightOperands(node.operation.kind),
        let data = node.inputs[operands.data], let sampler = WindowSampler(node, in: graph)
      else { continue }
      moments[id] = InputMoments(depth: sampler.depth, channels: sampler.channels)
      readers[data, default: []].append(Reader(layer: id, sampler: sampler))
    }
  }

  /// Adds what the layers that read `value` see of it in sample `index`.
  mutating func add(_ value: ValueID, _ bytes: RawSpan, sample index: Int) {
    guard let readers = readers[value] else { return }
    unsafe bytes.withUnsafeBytes { raw in
      guard let elements = unsafe raw.bindMemory(to: Float.self).baseAddress else { return }
      for reader in readers {
        unsafe reader.sampler.sample(index, elements, &scratch) { windows, count in
          unsafe moments[reader.layer]?.add(windows, count: count, isDepthwise: reader.sampler.isDepthwise)
        }
      }
    }
  }
}
