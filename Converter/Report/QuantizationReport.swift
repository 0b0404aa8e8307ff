package import ModelFormat

/// What a quantization made of a network, layer by layer: errors, sizes, distributions, and what stayed float.
package struct QuantizationReport: Sendable {
  package struct Layer: Sendable {
    package let node: NodeID
    /// The first output's name, which is unique.
    package let name: String
    /// The layer in the source model.
    package let source: String
    package let operation: String
    /// Of the first output in the quantized graph.
    package let type: ElementType
    package let shape: [Int]
    /// The error of the layer alone; empty for float32 layers.
    package let own: Fidelity
    /// The error up to here.
    package let total: Fidelity
    /// What the first output's numbers were when calibrating.
    package let activations: Distribution?
    /// The ends of the first output's grid; `nil` for float32.
    package let grid: ClosedRange<Float>?
    package let weights: Weights?
    /// Why the layer stays float32 although the plan wants it quantized.
    package let keptBecause: String?
  }

  package struct Weights: Sendable {
    package let type: ElementType
    package let count: Int
    package let bytes: Int
    /// As float32.
    package let originalBytes: Int
    package let values: Distribution
    /// The largest scale of an output divided by the smallest: how unlike the outputs are.
    package let scaleSpread: Float
  }

  /// How often numbers of each size occur.
  package struct Distribution: Sendable, Equatable {
    package let low: Float
    package let high: Float
    /// Counts of bins of equal width from `low` to `high`.
    package let counts: [Int]
  }

  /// In execution order.
  package let layers: [Layer]
  /// By output: its name and its error.
  package let outputs: [(name: String, fidelity: Fidelity)]
  /// That the errors were measured on.
  package let samples: Int
  /// That calibration ran on.
  package let calibrationSamples: Int
  package let method: String
  /// Of all constants, before and after.
  package let constantBytes: (before: Int, after: Int)

  /// - Parameters:
  ///   - float: the graph before.
  ///   - quantized: what `Quantizer` made of it after `calibration`.
  package init(
    float: Graph, quantized: QuantizedGraph, calibration: Calibration, errors: QuantizationErrors, method: String
  ) {
    let kept = Dictionary(quantized.kept.map { ($0.node, $0.reason) }) { first, _ in first }
    let graph = quantized.graph
    layers = errors.layers.compactMap { error in
      guard let node = float[error.node], let output = node.outputs.first else { return nil }
      let value = graph[output]
      return Layer(
        node: error.node, name: float[output].name, source: node.source, operation: node.operation.name,
        type: value.type, shape: value.shape, own: error.own, total: error.total,
        activations: calibration.statistics[output].flatMap { Distribution($0) },
        grid: Self.ends(value), weights: Self.weights(of: error.node, node, float, graph),
        keptBecause: kept[error.node])
    }
    outputs = zip(float.outputs, errors.outputs).map { (float[$0].name, $1) }
    samples = errors.samples
    calibrationSamples = calibration.sampleCount
    self.method = method
    constantBytes = (Self.constants(of: float), Self.constants(of: graph))
  }

  /// Quantized layers, the one that adds the most noise first; then those that stay float32, in execution order.
  package var worstFirst: [Layer] {
    let quantized = layers.filter { $0.own.count > 0 }.enumerated().sorted {
      ($0.element.own.decibels, $0.offset) < ($1.element.own.decibels, $1.offset)
    }
    return quantized.map(\.element) + layers.filter { $0.own.count == 0 }
  }

  static func ends(_ value: Value) -> ClosedRange<Float>? {
    guard let quantization = value.quantization, let scale = quantization.scales.first,
      let zeroPoint = quantization.zeroPoints.first
    else { return nil }
    let limits: ClosedRange<Float>
    switch value.type {
    case .int8: limits = -128...127
    case .uint8: limits = 0...255
    case .int16: limits = -32768...32767
    default: return nil
    }
    return scale * (limits.lowerBound - Float(zeroPoint))...scale * (limits.upperBound - Float(zeroPoint))
  }

  private static func weights(of id: NodeID, _ node: Node, _ float: Graph, _ quantized: Graph) -> Weights? {
    guard let operands = WeightOperands(node.operation.kind), let original = node.inputs[operands.weights],
      let elements = float[original].constant?.elements(as: Float.self),
      let input = quantized[id]?.inputs[operands.weights]
    else { return nil }
    var stored = quantized[input]
    if !stored.isConstant, let source = quantized.producer(of: input)?.node.inputs.first ?? nil {
      stored = quantized[source]
    }
    let scales = stored.quantization?.scales ?? []
    let spread = (scales.max() ?? 1) / max(scales.min() ?? 1, .leastNormalMagnitude)
    return Weights(
      type: stored.type, count: elements.count, bytes: stored.constant?.count ?? 0,
      originalBytes: float[original].constant?.count ?? 0, values: Distribution(elements), scaleSpread: spread)
  }

  /// Constants that several nodes share count once, as the file stores them.
  private static func constants(of graph: Graph) -> Int {
    var seen: Set<ConstantBytes> = []
    var bytes = 0
    for id in graph.nodeIDs {
      for case .some(let input) in graph[id]?.inputs ?? [] {
        if let constant = graph[input].constant, seen.insert(constant).inserted { bytes += constant.count }
      }
    }
    return bytes
  }
}

extension QuantizationReport.Distribution {
  private static let bins = 48

  /// Of finite numbers; those that are none are left out.
  init(_ elements: [Float]) {
    let finite = elements.filter(\.isFinite)
    let (low, high) = (finite.min() ?? 0, finite.max() ?? 0)
    var counts = [Int](repeating: 0, count: Self.bins)
    let scale = high > low ? Float(Self.bins) / (high - low) : 0
    for element in finite { counts[Swift.min(Self.bins - 1, Int((element - low) * scale))] += 1 }
    self.init(low: low, high: high, counts: counts)
  }

  /// `nil` for values of which no finite number was seen.
  init?(_ statistics: ValueStatistics) {
    guard statistics.low <= statistics.high else { return nil }
    let histogram = statistics.histogram
    let (low, high) = (statistics.low, statistics.high)
    var counts = [Int](repeating: 0, count: Self.bins)
    let scale = high > low ? Float(Self.bins) / (high - low) : 0
    for (index, count) in histogram.counts.enumerated() where count > 0 {
      let middle = histogram.start(of: index) + histogram.width / 2
      let bin = Int(Swift.max(0, (Swift.min(Swift.max(middle, low), high) - low) * scale))
      counts[Swift.min(Self.bins - 1, bin)] += Int(clamping: count)
    }
    self.init(low: low, high: high, counts: counts)
  }
}
