/// Looks for the smallest set of layers that must compute in higher precision so that a quantized network is as good as
/// asked for. Layers are put back in the order of what they cost, the worst first, as int16 where that helps the layer and
/// as float32 where it does not, since int16 data keeps int8 weights. Where that is not enough, those that lose most as int16
/// become float32, one more at a time.
package struct RecipeSearch {
  /// A layer that computes in higher precision than the plan wanted.
  package struct Restored: Sendable, Equatable {
    package let node: NodeID
    /// The first output's name, which recipes go by.
    package let name: String
    package let scheme: LayerScheme
  }

  /// What was found.
  package struct Result {
    package let plan: QuantizationPlan
    package let quantized: QuantizedGraph
    /// The worst first.
    package let restored: [Restored]
    /// Of the network as it was quantized first, and as it is now.
    package let scores: (before: Double, after: Double)
    /// Whether `scores.after` is what was asked for.
    package let isReached: Bool
    /// How often a network was scored.
    package let trials: Int

    /// The rules that give the same network again.
    package var rules: [QuantizationRecipe.Rule] {
      restored.map { QuantizationRecipe.Rule(scope: $0.name, scheme: $0.scheme) }
    }
  }

  private let graph: Graph
  private let start: QuantizationPlan
  private let calibration: Calibration
  private let target: Double
  private let score: (QuantizedGraph) throws -> Double
  private let report: (String) -> Void
  private var trials = 0

  /// Decibels that int16 must gain for a layer to be preferred to float32.
  private static let worthwhileGain = 6.0
  /// Layers that are tried one by one whether they are needed.
  private static let lastTrials = 16

  /// - Parameters:
  ///   - plan: the plan to start from.
  ///   - calibration: of `graph`.
  ///   - samples: what the cost of layers is measured on.
  ///   - target: the score to reach.
  ///   - score: how good a network is; larger is better.
  ///   - report: called with what is being tried.
  /// - Throws: what `score` throws, and `ConversionError`.
  package static func run(
    _ graph: Graph, _ plan: QuantizationPlan, _ calibration: Calibration, samples: some SampleSource, target: Double,
    report: @escaping (String) -> Void = { _ in }, score: @escaping (QuantizedGraph) throws -> Double
  ) throws -> Result {
    var search = RecipeSearch(
      graph: graph, start: plan, calibration: calibration, target: target, score: score, report: report)
    return try search.result(samples)
  }

  private init(
    graph: Graph, start: QuantizationPlan, calibration: Calibration, target: Double,
    score: @escaping (QuantizedGraph) throws -> Double, report: @escaping (String) -> Void
  ) {
    (self.graph, self.start, self.calibration) = (graph, start, calibration)
    (self.target, self.score, self.report) = (target, score, report)
  }

  private struct Trial {
    let plan: QuantizationPlan
    let quantized: QuantizedGraph
    let score: Double
  }

  private mutating func result(_ samples: some SampleSource) throws -> Result {
    let first = try trial([])
    guard first.score < target else { return result(first, first, []) }
    let candidates = try candidates(first.quantized, samples)
    var (restored, best) = try smallest(candidates.count, first, "in higher precision") {
      candidates.prefix($0).map(\.restored)
    }
    if best.score < target {
      let order = candidates.indices.sorted { (candidates[$0].wideDecibels, $0) < (candidates[$1].wideDecibels, $1) }
      (restored, best) = try smallest(candidates.count, best, "as float32") { count in
        let float = Set(order.prefix(count))
        return candidates.indices.map { candidates[$0].restored(isFloat: float.contains($0)) }
      }
    }
    if best.score >= target {
      (restored, best) = try narrower(restored, best, candidates)
      (restored, best) = try withoutNeedless(restored, best)
    }
    return result(first, best, restored)
  }

  private func result(_ first: Trial, _ best: Trial, _ restored: [Restored]) -> Result {
    Result(
      plan: best.plan, quantized: best.quantized, restored: restored, scores: (first.score, best.score),
      isReached: best.score >= target, trials: trials)
  }

  private mutating func trial(_ restored: some Sequence<Restored>) throws -> Trial {
    var plan = start
    for layer in restored { plan.overrides[layer.node] = layer.scheme }
    let quantized = try Quantizer.apply(plan, calibration, to: graph)
    trials += 1
    return Trial(plan: plan, quantized: quantized, score: try score(quantized))
  }

  private struct Candidate {
    let restored: Restored
    /// Of the layer's own error as int16.
    let wideDecibels: Double

    func restored(isFloat: Bool) -> Restored {
      isFloat ? Restored(node: restored.node, name: restored.name, scheme: .float32) : restored
    }
  }

  /// The layers that could be put back, the worst first, each with the scheme that helps it.
  private func candidates(_ quantized: QuantizedGraph, _ samples: some SampleSource) throws -> [Candidate] {
    report("measuring what each layer costs")
    let errors = try QuantizationErrors.measure(graph, quantized.graph, samples, limit: 4)
    var wide = start
    for layer in errors.worstFirst { wide.overrides[layer.node] = .int16x8 }
    let wideErrors = try QuantizationErrors.measure(
      graph, Quantizer.apply(wide, calibration, to: graph).graph, samples, limit: 4)
    let gains = Dictionary(uniqueKeysWithValues: wideErrors.layers.map { ($0.node, $0.own) })
    return errors.worstFirst.compactMap { layer in
      guard let node = graph[layer.node], let output = node.outputs.first, !onlyMoves(node) else { return nil }
      let own = gains[layer.node] ?? Fidelity()
      let helps = own.count > 0 && own.decibels >= layer.own.decibels + Self.worthwhileGain
      let scheme: LayerScheme = helps ? .int16x8 : .float32
      return Candidate(
        restored: Restored(node: layer.node, name: graph[output].name, scheme: scheme), wideDecibels: own.decibels)
    }
  }

  private func onlyMoves(_ node: Node) -> Bool {
    if case .sameAsInput = OperatorQuantization(node)?.output { true } else { false }
  }

  /// The least number of layers, 1...`limit`, with which the target is reached: by doubling, then by halving. `limit` when
  /// none does.
  private mutating func smallest(
    _ limit: Int, _ first: Trial, _ what: String, _ layers: (Int) -> [Restored]
  ) throws -> ([Restored], Trial) {
    guard limit > 0 else { return ([], first) }
    var (failing, count) = (0, 1)
    var best = first
    while true {
      count = min(count, limit)
      report("trying \(count) of \(limit) layers \(what)")
      best = try trial(layers(count))
      if best.score >= target || count == limit { break }
      (failing, count) = (count, count * 2)
    }
    guard best.score >= target else { return (layers(limit), best) }
    while count - failing > 1 {
      let middle = (failing + count) / 2
      report("trying \(middle) of \(limit) layers \(what)")
      let attempt = try trial(layers(middle))
      if attempt.score >= target { (count, best) = (middle, attempt) } else { failing = middle }
    }
    return (layers(count), best)
  }

  /// Makes layers int16 again that the target does not need as float32, beginning with those that have most weights.
  private mutating func narrower(
    _ restored: [Restored], _ best: Trial, _ candidates: [Candidate]
  ) throws -> ([Restored], Trial) {
    let wide = restored.filter { layer in
      layer.scheme == .float32 && candidates.contains { $0.restored.node == layer.node && $0.restored != layer }
    }
    guard wide.count > 1, wide.count <= Self.lastTrials else { return (restored, best) }
    let sizes = wide.map { constants(of: $0.node) }
    var (restored, best) = (restored, best)
    for index in wide.indices.sorted(by: { (sizes[$1], $0) < (sizes[$0], $1) }) {
      report("trying '\(wide[index].name)' as int16")
      let fewer = restored.map { $0 == wide[index] ? Restored(node: $0.node, name: $0.name, scheme: .int16x8) : $0 }
      let attempt = try trial(fewer)
      if attempt.score >= target { (restored, best) = (fewer, attempt) }
    }
    return (restored, best)
  }

  private func constants(of node: NodeID) -> Int {
    graph[node]?.inputs.compactMap { $0 }.filter { graph[$0].isConstant }.reduce(0) { $0 + graph[$1].count } ?? 0
  }

  /// Leaves out layers that the target does not need, beginning with those that cost least.
  private mutating func withoutNeedless(_ restored: [Restored], _ best: Trial) throws -> ([Restored], Trial) {
    guard restored.count > 1, restored.count <= Self.lastTrials else { return (restored, best) }
    var (restored, best) = (restored, best)
    for layer in restored.reversed() {
      report("trying without '\(layer.name)'")
      let fewer = restored.filter { $0 != layer }
      let attempt = try trial(fewer)
      if attempt.score >= target { (restored, best) = (fewer, attempt) }
    }
    return (restored, best)
  }
}
