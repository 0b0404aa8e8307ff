package import ModelFormat
package import Swiftlet

/// Two models on the same inputs: how near the second comes to the first, at the outputs and at every layer that both have
/// by name.
package final class ModelComparison {
  package struct Layer: Sendable {
    package let name: String
    /// Of the first model.
    package let operation: String
    package let shape: [Int]
    /// How the second model stores it.
    package let type: ElementType
    package var fidelity = Fidelity()
  }

  private let reference: LayerTrace
  private let candidate: LayerTrace
  private let shared: Set<String>
  private var places: [String: Int] = [:]
  /// In the order in which the first model computes them.
  package private(set) var layers: [Layer] = []
  /// In the order of the first model's outputs.
  package private(set) var outputs: [Layer] = []
  /// By output of the first model: that of the second.
  private let partners: [Int]
  package private(set) var samples = 0

  /// - Throws: `PrepareError`, or `ConversionError` when the models have other inputs or outputs.
  package init(_ first: Model, _ second: Model, threads: Int = 1) throws {
    reference = try LayerTrace(model: first, threads: threads)
    candidate = try LayerTrace(model: second, threads: threads)
    shared = reference.names.intersection(candidate.names)
    let (outputs, others) = (reference.program.outputs, candidate.program.outputs)
    guard reference.program.inputs.count == candidate.program.inputs.count, outputs.count == others.count else {
      throw ConversionError(
        .badData,
        "found \(candidate.program.inputs.count) inputs and \(others.count) outputs, expected "
          + "\(reference.program.inputs.count) and \(outputs.count) as the first model has")
    }
    let named = outputs.map { output in others.firstIndex { $0.name == output.name } }
    let areAllNamed = Set(named.compactMap { $0 }).count == outputs.count
    partners = outputs.indices.map { areAllNamed ? named[$0] ?? $0 : $0 }
    self.outputs = outputs.indices.map { index in
      Layer(
        name: outputs[index].name, operation: "", shape: outputs[index].shape.dimensions,
        type: others[partners[index]].type)
    }
  }

  /// The inputs of the first model.
  package var inputs: [TensorDescription] { reference.program.inputs }

  /// The inputs of the second model.
  package var otherInputs: [TensorDescription] { candidate.program.inputs }

  /// Layers that both have, those that only the first has, and those that only the second has.
  package var layerCounts: (shared: Int, first: Int, second: Int) {
    (shared.count, reference.names.count - shared.count, candidate.names.count - shared.count)
  }

  /// Runs both on a sample.
  ///
  /// - Parameters:
  ///   - inputs: the bytes of each input of the first model.
  ///   - others: those of the second.
  /// - Throws: `InvokeError`, or `ConversionError` when outputs have another number of elements.
  package func add(inputs: [[UInt8]], others: [[UInt8]]) throws {
    var kept: [String: LayerTrace.Layer] = [:]
    try reference.run(inputs: inputs, where: { shared.contains($0) }) { layer in
      kept[layer.name] = layer
      guard places[layer.name] == nil else { return }
      places[layer.name] = layers.count
      layers.append(Layer(name: layer.name, operation: layer.operation, shape: layer.shape, type: layer.type))
    }
    try candidate.run(inputs: others, where: { shared.contains($0) }) { layer in
      guard let original = kept.removeValue(forKey: layer.name), let place = places[layer.name],
        let values = Layouts.reordered(layer.values, from: layer.shape, to: original.shape)
      else { return }
      if layers[place].type != layer.type {
        layers[place] = Layer(
          name: layer.name, operation: layers[place].operation, shape: original.shape, type: layer.type,
          fidelity: layers[place].fidelity)
      }
      layers[place].fidelity.add(reference: original.values, found: values)
    }
    try compareOutputs()
    samples += 1
  }

  private func compareOutputs() throws {
    let (expected, found) = (reference.outputs(), candidate.outputs())
    for index in outputs.indices {
      let other = candidate.program.outputs[partners[index]].shape.dimensions
      guard let values = Layouts.reordered(found[partners[index]], from: other, to: outputs[index].shape) else {
        throw ConversionError(
          .badData,
          "output '\(outputs[index].name)': found shape \(other), expected \(outputs[index].shape) as in the first model"
        )
      }
      outputs[index].fidelity.add(reference: expected[index], found: values)
    }
  }

  /// The layers that were compared, the worst signal-to-noise ratio first.
  package var worstFirst: [Layer] {
    layers.enumerated().filter { $0.element.fidelity.count > 0 }
      .sorted { ($0.element.fidelity.decibels, $0.offset) < ($1.element.fidelity.decibels, $1.offset) }
      .map(\.element)
  }
}

/// Tensors whose channels come last in one model and second in the other.
package enum Layouts {
  /// `values` in the order of `target`; `nil` for shapes that are not the same in another order of dimensions.
  package static func reordered(_ values: [Float], from source: [Int], to target: [Int]) -> [Float]? {
    if source == target { return values }
    guard values.count == target.reduce(1, *) else { return nil }
    if source.filter({ $0 != 1 }) == target.filter({ $0 != 1 }) { return values }
    guard source.count == target.count, source.count >= 3 else { return nil }
    let toFront = [0, source.count - 1] + Array(1..<source.count - 1)
    let toBack = [0] + Array(2..<source.count) + [1]
    for permutation in [toFront, toBack] where permutation.map({ source[$0] }) == target {
      return ConstantBytes(elements: values)
        .transposed(shape: source, permutation: permutation, elementBytes: 4).elements(as: Float.self)
    }
    return nil
  }
}
