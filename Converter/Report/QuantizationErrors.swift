internal import Dispatch
internal import ModelFormat
internal import Synchronization

/// What quantization costs, measured on samples: for every layer the error that it has added itself and the error that has
/// come together up to it, and the error of each output.
package struct QuantizationErrors: Sendable {
  package struct Layer: Sendable {
    /// In the float graph.
    package let node: NodeID
    /// The layer alone, fed with the float network's numbers on its own grid; empty for layers that stay float32.
    package internal(set) var own = Fidelity()
    /// The first output behind all quantized layers before it.
    package internal(set) var total = Fidelity()
  }

  /// In execution order; layers whose first output is float32 in the float graph.
  package fileprivate(set) var layers: [Layer] = []
  /// By output of the graph.
  package fileprivate(set) var outputs: [Fidelity] = []
  package let samples: Int

  /// The layers that were quantized, the one that adds the most noise to its signal first.
  package var worstFirst: [Layer] {
    layers.enumerated().filter { $0.element.own.count > 0 }
      .sorted { ($0.element.own.decibels, $0.offset) < ($1.element.own.decibels, $1.offset) }
      .map(\.element)
  }

  /// Runs both graphs on samples, on both cores; the result does not depend on how many there are.
  ///
  /// - Parameters:
  ///   - quantized: what `Quantizer` made of `float`.
  ///   - limit: the most samples to use, the first ones.
  ///   - progress: called with the number of samples done; from several threads, one at a time.
  /// - Throws: what `source` throws, and `ConversionError` for layers that cannot be run.
  package static func measure(
    _ float: Graph, _ quantized: Graph, _ source: some SampleSource, limit: Int,
    progress: @Sendable (Int) -> Void = { _ in }
  ) throws -> QuantizationErrors {
    let count = min(limit, source.count)
    guard count > 0 else { throw ConversionError(.noInput, "there is no sample to measure with") }
    let strands = min(2, count)
    let results = Mutex<[Int: Result<QuantizationErrors, any Error>]>([:])
    let done = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: strands) { strand in
      let result = Result {
        var run = try ErrorRun(float, quantized, samples: count)
        for index in stride(from: strand, to: count, by: strands) {
          try run.add(source.sample(index))
          done.withLock {
            $0 += 1
            progress($0)
          }
        }
        return run.errors
      }
      results.withLock { $0[strand] = result }
    }
    let parts = try results.withLock { results in try (0..<strands).compactMap { try results[$0]?.get() } }
    return parts.dropFirst().reduce(into: parts[0]) { $0.add($1) }
  }

  fileprivate init(samples: Int) { self.samples = samples }

  private mutating func add(_ other: QuantizationErrors) {
    for index in layers.indices {
      layers[index].own.add(other.layers[index].own)
      layers[index].total.add(other.layers[index].total)
    }
    for index in outputs.indices { outputs[index].add(other.outputs[index]) }
  }
}

/// One thread's share of the samples.
private struct ErrorRun {
  private let float: Graph
  private let quantized: Graph
  private let reference: GraphExecutor
  private let candidate: GraphExecutor
  private let alone: [Int: LayerAlone]
  private let places: [ValueID: Int]
  private(set) var errors: QuantizationErrors

  init(_ float: Graph, _ quantized: Graph, samples: Int) throws {
    self.float = float
    self.quantized = quantized
    reference = try GraphExecutor(float)
    candidate = try GraphExecutor(quantized)
    errors = QuantizationErrors(samples: samples)
    var places: [ValueID: Int] = [:]
    var alone: [Int: LayerAlone] = [:]
    for id in float.executionOrder {
      guard let node = float[id], let output = node.outputs.first, float[output].type == .float32,
        quantized[id] != nil
      else { continue }
      places[output] = errors.layers.count
      if quantized[output].type != .float32 {
        alone[errors.layers.count] = try LayerAlone(id, in: quantized, original: float)
      }
      errors.layers.append(QuantizationErrors.Layer(node: id))
    }
    errors.outputs = Array(repeating: Fidelity(), count: float.outputs.count)
    (self.places, self.alone) = (places, alone)
  }

  /// What flows in the float network.
  private func tensors(_ inputs: [[UInt8]]) throws -> [ValueID: [UInt8]] {
    var known: [ValueID: [UInt8]] = [:]
    try reference.run(inputs) { id, bytes in known[id] = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) } }
    return known
  }

  /// Padding before a maximum is the lowest number there is, and among integers the lowest of their grid: no error.
  private static func held(_ values: [Float], by value: Value, kind: OperatorKind?) -> [Float] {
    guard kind == .padV2, let grid = QuantizationReport.ends(value) else { return values }
    return values.map { min(max($0, grid.lowerBound), grid.upperBound) }
  }

  mutating func add(_ inputs: [[UInt8]]) throws {
    let float = float
    let known = try tensors(inputs)
    let floats = { (id: ValueID) -> [Float] in
      let value = float[id]
      return (known[id] ?? value.constant?.array).flatMap { RealValues.floats($0, value.type, value.quantization) }
        ?? []
    }
    for (place, layer) in alone {
      guard let output = float[errors.layers[place].node]?.outputs.first else { continue }
      let expected = Self.held(
        floats(output), by: quantized[output], kind: float[errors.layers[place].node]?.operation.kind)
      errors.layers[place].own.add(reference: expected, found: try layer.output(floats))
    }
    let stored = zip(quantized.inputs, inputs).enumerated().map { position, pair in
      let (source, target) = (float[float.inputs[position]], quantized[pair.0])
      guard source.type != target.type, let values = RealValues.floats(pair.1, source.type, source.quantization)
      else { return pair.1 }
      return RealValues.bytes(values, target.type, target.quantization) ?? pair.1
    }
    var outputs: [ValueID: [UInt8]] = [:]
    try candidate.run(stored) { id, bytes in
      let isOutput = quantized.outputs.contains(id)
      guard isOutput || places[id] != nil else { return }
      let copy = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
      if isOutput { outputs[id] = copy }
      guard let place = places[id] else { return }
      let value = quantized[id]
      let found = RealValues.floats(copy, value.type, value.quantization) ?? []
      let kind = float[errors.layers[place].node]?.operation.kind
      errors.layers[place].total.add(reference: Self.held(floats(id), by: value, kind: kind), found: found)
    }
    for (index, id) in quantized.outputs.enumerated() {
      guard let bytes = outputs[id], float[float.outputs[index]].type == .float32 else { continue }
      let found = RealValues.floats(bytes, quantized[id].type, quantized[id].quantization) ?? []
      errors.outputs[index].add(reference: floats(float.outputs[index]), found: found)
    }
  }
}
