internal import Foundation
internal import Synchronization

/// Adds up the moments of layers with weights from several threads in the order of the samples, so that the sums do not
/// depend on the threads: who comes early waits for the samples before, which have run ahead.
final class MomentCollector: Sendable {
  private struct Layer {
    let id: NodeID
    let sampler: WindowSampler
    let sums: Sums
  }

  private final class Sums: Sendable {
    let state: Mutex<(moments: InputMoments, next: Int)>

    init(_ moments: InputMoments) { state = Mutex((moments, 0)) }
  }

  /// By value: the layers that read it.
  private let layers: [ValueID: [Layer]]
  private let turn = NSCondition()
  private let isStopped = Mutex(false)

  init(_ graph: Graph) {
    var layers: [ValueID: [Layer]] = [:]
    for id in graph.executionOrder {
      guard let node = graph[id], let operands = WeightOperands(node.operation.kind),
        let data = node.inputs[operands.data], let sampler = WindowSampler(node, in: graph)
      else { continue }
      let sums = Sums(InputMoments(depth: sampler.depth, channels: sampler.channels))
      layers[data, default: []].append(Layer(id: id, sampler: sampler, sums: sums))
    }
    self.layers = layers
  }

  /// Adds what the layers that read `value` see of it in sample `index`.
  func add(_ value: ValueID, _ bytes: RawSpan, sample index: Int, _ scratch: inout [Float]) {
    guard let readers = layers[value] else { return }
    unsafe bytes.withUnsafeBytes { raw in
      guard let elements = unsafe raw.bindMemory(to: Float.self).baseAddress else { return }
      for layer in readers {
        unsafe layer.sampler.sample(index, elements, &scratch) { windows, count in
          guard wait(for: index, layer.sums) else { return }
          layer.sums.state.withLock { state in
            unsafe state.moments.add(windows, count: count, isDepthwise: layer.sampler.isDepthwise)
            state.next += 1
          }
          turn.lock()
          turn.broadcast()
          turn.unlock()
        }
      }
    }
  }

  /// Whether it is the sample's turn; `false` when another has failed.
  private func wait(for index: Int, _ sums: Sums) -> Bool {
    turn.lock()
    defer { turn.unlock() }
    while !isStopped.withLock({ $0 }) {
      if sums.state.withLock({ $0.next }) == index { return true }
      turn.wait()
    }
    return false
  }

  /// Lets nobody wait any more.
  func stop() {
    isStopped.withLock { $0 = true }
    turn.lock()
    turn.broadcast()
    turn.unlock()
  }

  var moments: [NodeID: InputMoments] {
    var result: [NodeID: InputMoments] = [:]
    for layer in layers.values.joined() { result[layer.id] = layer.sums.state.withLock { $0.moments } }
    return result
  }
}
