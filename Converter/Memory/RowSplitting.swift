internal import ModelFormat
package import Swiftlet

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

  /// What plans are made for: kernels of other instruction sets need other scratch memory.
  private let sets: [ISA]
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

  /// Splits chains of `graph` until its activations take at most `limit` bytes with the kernels of each of `sets`, or nothing
  /// helps any more.
  ///
  /// - Throws: `ConversionError` when the runtime cannot run the model.
  package init(_ graph: inout Graph, limit: Int, sets: [ISA] = [.fastest]) throws {
    self.sets = sets
    bytesBefore = try Self.arenaBytes(graph, sets)
    bytes = bytesBefore
    guard bytes > limit else { return }
    let whole = graph
    // Parts have to leave some of the limit to what else is alive; how much shows only when it is done.
    for share in [1, 0.8, 0.6, 0] {
      var (attempt, needed, splits) = (whole, bytesBefore, [Split]())
      while needed > limit,
        let (candidate, split) = try best(attempt, bytes: needed, limit: limit, own: Int(Double(limit) * share))
      {
        (attempt, needed) = (candidate, split.bytes)
        splits.append(split)
      }
      if needed < bytes { (graph, bytes, self.splits) = (attempt, needed, splits) }
      if bytes <= limit { break }
    }
    graph.nameUniquely()
  }

  /// The most that the runtime would reserve for activations with every layer run as a whole: files serve other runtimes
  /// too.
  static func arenaBytes(_ graph: Graph, _ sets: [ISA]) throws -> Int {
    var options = PrepareOptions()
    options.chainsRows = false
    do {
      let model = try Model(bytes: ModelBytes(copying: ModelWriter.write(graph)))
      return try sets.reduce(0) { most, set in
        options.isa = set
        return max(most, try Program(model: model, options: options).arenaBytes)
      }
    } catch let error as PrepareError {
      throw ConversionError(.unavailable, error.message)
    } catch let error as FormatError {
      throw ConversionError(.badData, error.message)
    }
  }

  private struct Candidate {
    let chain: RowChain
    let parts: Int
    /// What the chain itself would need.
    let bytes: Int
    let overhead: Double
  }

  /// The graph after a split where most is alive: the one that computes least twice among those whose chain itself needs
  /// at most `own` bytes, otherwise the one that saves most.
  private func best(_ graph: Graph, bytes: Int, limit: Int, own: Int) throws -> (Graph, Split)? {
    let candidates = Self.candidates(graph)
    guard
      var best = try tried(candidates.sorted { ($0.bytes, $0.overhead) < ($1.bytes, $1.overhead) }, graph).min(
        by: { $0.split.bytes < $1.split.bytes }), best.split.bytes < bytes
    else { return nil }
    // Another place may need more than the limit now.
    let target = max(limit, best.split.bytes)
    let cheap = candidates.filter { $0.bytes <= own }.sorted { ($0.overhead, $0.bytes) < ($1.overhead, $1.bytes) }
    if let first = try tried(cheap, graph).first(where: { $0.split.bytes <= target }) { best = first }
    return best
  }

  private static func candidates(_ graph: Graph) -> [Candidate] {
    guard let place = Liveness(graph).busiest, let chain = RowChain(through: place, reach: reach, in: graph),
      let middle = chain.layers.firstIndex(where: { $0.id == place })
    else { return [] }
    var result: [Candidate] = []
    for first in 0...middle {
      for last in middle..<chain.layers.count {
        let part = chain[first...last]
        for count in counts where count <= part.output[1] {
          let estimate = part.estimate(parts: count, in: graph)
          guard estimate.overhead <= mostOverhead else { continue }
          result.append(Candidate(chain: part, parts: count, bytes: estimate.bytes, overhead: estimate.overhead))
        }
      }
    }
    return result
  }

  /// The first few candidates, carried out.
  private func tried(
    _ candidates: [Candidate], _ graph: Graph
  ) throws -> [(graph: Graph, split: Split)] {
    try candidates.prefix(Self.trials).compactMap { candidate in
      guard let last = candidate.chain.layers.last else { return nil }
      var changed = graph
      candidate.chain.split(into: candidate.parts, in: &changed)
      let split = Split(
        first: candidate.chain.layers[0].node.source, last: last.node.source, parts: candidate.parts,
        bytes: try Self.arenaBytes(changed, sets))
      return (changed, split)
    }
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
