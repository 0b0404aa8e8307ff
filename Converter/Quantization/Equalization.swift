internal import ModelFormat

/// Cross-layer equalization: channels that use little of their tensor's range are scaled up by the layer that makes them
/// and down by those that read them, so that one scale for the tensor suits all. The factors are powers of two: the float
/// model computes the same bits.
///
/// Sources: Nagel et al., Data-Free Quantization through Weight Equalization and Bias Correction (2019), section 4.1; the
/// balance of data against weights is that of Xiao et al., SmoothQuant (2022), since weights have a scale for each output.
package enum Equalization {
  /// Samples that show how far each channel reaches.
  private static let sampleLimit = 16
  /// The most that a channel is scaled beside another of its tensor.
  private static let largestFactor: Float = 256

  /// `graph` with equalized channels.
  ///
  /// - Throws: as `Calibration.measure`.
  package static func apply(to graph: Graph, _ source: some SampleSource, threads: Int = 2) throws -> Graph {
    let groups = ChannelGroups(graph).groups
    guard !groups.isEmpty else { return graph }
    let magnitudes = try ChannelMagnitudes.measure(
      graph, of: Set(groups.flatMap(\.values)), FirstSamples(source, count: sampleLimit), threads: threads)
    var result = graph
    for group in groups {
      guard let factors = factors(group, magnitudes, result) else { continue }
      for id in group.producers { scale(id, in: &result, byOutput: true, factors) }
      for id in group.consumers { scale(id, in: &result, byOutput: false, factors) }
    }
    return result
  }

  /// What each channel of a group is divided by; `nil` when nothing is to be gained.
  private static func factors(
    _ group: ChannelGroups.Group, _ magnitudes: [ValueID: [Float]], _ graph: Graph
  ) -> [Float]? {
    guard let count = group.values.first.flatMap({ graph[$0].shape.last }), count > 1 else { return nil }
    var reach = [Float](repeating: 0, count: count)
    for value in group.values {
      guard let found = magnitudes[value], found.count == count else { continue }
      for channel in reach.indices { reach[channel] = max(reach[channel], found[channel]) }
    }
    var weights = [Float](repeating: 0, count: count)
    var isLimited = false
    for id in group.consumers {
      guard let node = graph[id], let layer = ScaledLayer(node, in: graph), layer.hasSharedScales,
        let elements = graph[layer.weights].constant?.elements(as: Float.self)
      else { continue }
      isLimited = true
      for (channel, magnitude) in layer.magnitudes(elements).enumerated() {
        weights[channel] = max(weights[channel], magnitude)
      }
    }
    let wanted = zip(reach, weights).map { reach, weight -> Float? in
      guard reach > 0, reach.isFinite, !isLimited || weight > 0 else { return nil }
      return isLimited ? (reach / weight).squareRoot() : reach
    }
    guard let largest = wanted.compactMap({ $0 }).max(), largest > 0, largest.isFinite else { return nil }
    let factors = wanted.map { factor -> Float in
      guard let factor else { return 1 }
      let ratio = max(factor / largest, 1 / largestFactor)
      return Float(sign: .plus, exponent: (ratio * 0x1.6a09e6p0).exponent, significand: 1)
    }
    return factors.contains { $0 != 1 } ? factors : nil
  }

  private static func scale(_ id: NodeID, in graph: inout Graph, byOutput: Bool, _ factors: [Float]) {
    guard let node = graph[id], let layer = ScaledLayer(node, in: graph),
      let elements = graph[layer.weights].constant?.elements(as: Float.self),
      let operands = WeightOperands(node.operation.kind)
    else { return }
    var weights = graph[layer.weights]
    weights.constant = ConstantBytes(
      elements: byOutput ? layer.dividing(factors, elements) : layer.absorbing(factors, elements))
    graph.setInput(operands.weights, of: id, to: graph.add(weights))
    guard byOutput, let id0 = layer.bias, let numbers = graph[id0].constant?.elements(as: Float.self) else { return }
    var bias = graph[id0]
    bias.constant = ConstantBytes(elements: zip(numbers, factors).map { $0 / $1 })
    graph.setInput(operands.bias, of: id, to: graph.add(bias))
  }
}

/// The first samples of a source.
struct FirstSamples<Source: SampleSource>: SampleSource {
  private let source: Source
  let count: Int

  init(_ source: Source, count: Int) {
    self.source = source
    self.count = min(count, source.count)
  }

  func sample(_ index: Int) throws -> [[UInt8]] { try source.sample(index) }
}
