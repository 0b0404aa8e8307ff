/// Looks for the smallest set of layers that must compute in higher precision so that a quantized network is as good as
/// asked for. Layers are put back in the order of what they cost, the worst first, as int16 where that helps the layer and
/// as float32 where it does not, since int16 data keeps int8 weights.
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
  private static let lastTrials = 12

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
    var (restored, best) = try smallest(candidates, first)
    if best.score < target {
      (restored, best) = try smallest(
        candidates.map { Restored(node: $0.node, name: $0.name, scheme: .float32) }, first)
    }
    if best.score >= target { (restored, best) = try withoutNeedless(restored, best) }
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

  /// The layers that could be put back, the worst first, each with the scheme that helps it.
  private func candidates(_ quantized: QuantizedGraph, _ samples: some SampleSource) throws -> [Restored] {
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
      return Restored(node: layer.node, name: graph[output].name, scheme: helps ? .int16x8 : .float32)
    }
  }

  private func onlyMoves(_ node: Node) -> Bool {
    if case .sameAsInput = OperatorQuantization(node)?.output { true } else { false }
  }

  /// The shortest beginning of `candidates` that reaches the target: by doubling, then by halving. All of them when none
  /// does.
  private mutating func smallest(_ candidates: [Restored], _ first: Trial) throws -> ([Restored], Trial) {
    var (failing, count) = (0, 1)
    var best = first
    while true {
      count = min(count, candidates.count)
      report("trying \(count) of \(candidates.count) layers in higher precision")
      best = try trial(candidates.prefix(count))
      if best.score >= target || count == candidates.count { break }
      (failing, count) = (count, count * 2)
    }
    guard best.score >= target else { return (candidates, best) }
    while count - failing > 1 {
      let middle = (failing + count) / 2
      report("trying \(middle) of \(candidates.count) layers in higher precision")
      let attempt = try trial(candidates.prefix(middle))
      if attempt.score >= target { (count, best) = (middle, attempt) } else { failing = middle }
    }
    return (Array(candidates.prefix(count)), best)
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
