internal import ModelFormat
internal import Swiftlet

/// Brings the memory of a model's activations under a limit: where most is alive at once, layers are computed some rows
/// at a time. Every output keeps its bytes; rows at the seams are computed twice.
package struct RowSplitting {
  /// A chain of layers that was split.
  package struct Split: Sendable {
    /// Names of the first and the last layer.
    package let first: String
    package let last: String
    package let parts: Int
    /// Bytes of activations after it.
    package let bytes: Int
  }

  /// Bytes of activations before, by the runtime's own plan.
  package let bytesBefore: Int
  package private(set) var bytes: Int
  package private(set) var splits: [Split] = []

  /// Layers to each side of the place where most is alive.
  private static let reach = 8
  private static let counts = [2, 3, 4, 6, 8, 12, 16]
  /// Work of a chain's parts over the work of the whole.
  private static let mostOverhead = 1.5
  /// Plans made for each place.
  private static let trials = 12

  /// Splits chains of `graph` until its activations take at most `limit` bytes or nothing helps any more.
  ///
  /// - Throws: `ConversionError` when the runtime cannot run the model.
  package init(_ graph: inout Graph, limit: Int) throws {
    bytesBefore = try Self.arenaBytes(graph)
    bytes = bytesBefore
    while bytes > limit, let (candidate, split) = try Self.best(graph, bytes: bytes, limit: limit) {
      graph = candidate
      bytes = split.bytes
      splits.append(split)
    }
    graph.nameUniquely()
  }

  /// What the runtime would reserve for activations.
  static func arenaBytes(_ graph: Graph) throws -> Int {
    do {
      let model = try Model(bytes: ModelBytes(copying: ModelWriter.write(graph)))
      return try Program(model: model).arenaBytes
    } catch let error as PrepareError {
      throw ConversionError(.unavailable, error.message)
    } catch let error as FormatError {
      throw ConversionError(.badData, error.message)
    }
  }

  /// The graph after the split that saves most where most is alive.
  private static func best(_ graph: Graph, bytes: Int, limit: Int) throws -> (Graph, Split)? {
    guard let place = Liveness(graph).busiest, let chain = RowChain(through: place, reach: reach, in: graph),
      let middle = chain.layers.firstIndex(where: { $0.id == place })
    else { return nil }
    var candidates: [(chain: RowChain, parts: Int, elements: Int, overhead: Double)] = []
    for first in 0...middle {
      for last in middle..<chain.layers.count {
        let part = chain[first...last]
        for count in counts where count <= part.output[1] {
          let estimate = part.estimate(parts: count, in: graph)
          guard estimate.overhead <= mostOverhead else { continue }
          let elements = part.input.reduce(1, *) + part.output.reduce(1, *) + estimate.inside
          candidates.append((part, count, elements, estimate.overhead))
        }
      }
    }
    candidates.sort { ($0.elements, $0.overhead) < ($1.elements, $1.overhead) }
    var best: (graph: Graph, split: Split)?
    for candidate in candidates.prefix(trials) {
      var changed = graph
      candidate.chain.split(into: candidate.parts, in: &changed)
      let needed = try arenaBytes(changed)
      guard needed < best?.split.bytes ?? bytes, let last = candidate.chain.layers.last else { continue }
      let split = Split(
        first: candidate.chain.layers[0].node.source, last: last.node.source, parts: candidate.parts, bytes: needed)
      best = (changed, split)
    }
    return best
  }
}

/// What is alive while each layer runs.
struct Liveness {
  /// The layer during which most bytes are alive.
  let busiest: NodeID?

  init(_ graph: Graph) {
    let order = graph.executionOrder
    var first: [ValueID: Int] = [:]
    var last: [ValueID: Int] = [:]
    for (step, id) in order.enumerated() {
      guard let node = graph[id] else { continue }
      for output in node.outputs { first[output] = step }
      for case .some(let input) in node.inputs where !graph[input].isConstant { last[input] = step }
    }
    for input in graph.inputs { first[input] = 0 }
    for output in graph.outputs { last[output] = order.count - 1 }
    var changes = [Int](repeating: 0, count: order.count + 1)
    for (value, start) in first {
      let bytes = graph[value].type.byteCount(of: graph[value].count) ?? 0
      changes[start] += bytes
      changes[max(last[value] ?? start, start) + 1] -= bytes
    }
    var (alive, most) = (0, -1)
    var place: NodeID?
    for (step, id) in order.enumerated() {
      alive += changes[step]
      if alive > most { (most, place) = (alive, id) }
    }
    busiest = place
  }
}
