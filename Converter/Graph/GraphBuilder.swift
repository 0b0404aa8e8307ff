package import ModelFormat

/// What a front-end builds a graph with: each operator gets its shape from the runtime's rule at once, and what depends on
/// constants alone is computed at once, so that chains of shape arithmetic never reach the graph.
package final class GraphBuilder {
  package internal(set) var graph = Graph()
  /// The layer that the operators to come stand for, in messages: "conv1 (Conv)".
  package var source = ""
  /// The name for the values to come.
  package var name = ""
  /// Slices of constants, of which a recurrent layer takes the same at each step.
  var slices: [Slice: ValueID] = [:]

  struct Slice: Hashable {
    let input: ValueID
    let begin: [Int]
    let size: [Int]
  }

  /// Computed constants larger than this stay operators unless they are no larger than what they are made of.
  private static let foldedBytes = 1 << 26

  package init() {}

  package func value(_ id: ValueID) -> Value { graph[id] }
  package func shape(_ id: ValueID) -> [Int] { graph[id].shape }
  package func type(_ id: ValueID) -> ElementType { graph[id].type }

  // MARK: Constants

  package func constant(_ bytes: ConstantBytes, type: ElementType, shape: [Int], name: String? = nil) -> ValueID {
    graph.add(Value(name: name ?? "\(self.name)/constant", type: type, shape: shape, constant: bytes))
  }

  package func constant(_ elements: [Float], shape: [Int]? = nil) -> ValueID {
    constant(ConstantBytes(elements: elements), type: .float32, shape: shape ?? [elements.count])
  }

  /// A rank-1 int32 constant: axes, shapes, paddings.
  package func integers(_ elements: [Int], shape: [Int]? = nil) -> ValueID {
    constant(
      ConstantBytes(elements: elements.map { Int32(clamping: $0) }), type: .int32, shape: shape ?? [elements.count])
  }

  /// A scalar of the given type.
  package func scalar(_ number: Double, type: ElementType = .float32) -> ValueID {
    constant(ScalarBytes.bytes(number, type), type: type, shape: [])
  }

  // MARK: Operators

  /// Adds an operator with one output, of `type` or the type of the first operand.
  package func emit(_ operation: Operation, _ inputs: [ValueID?], type: ElementType? = nil) throws -> ValueID {
    let standard = inputs.first.flatMap { $0 }.map { graph[$0].type } ?? .float32
    return try emit(operation, inputs, types: [type ?? standard])[0]
  }

  /// Adds an operator with one output for each of `types`.
  package func emit(_ operation: Operation, _ inputs: [ValueID?], types: [ElementType]) throws -> [ValueID] {
    let operands = inputs.map { $0.map { graph[$0] } }
    let shapes = try ShapeRules.outputShapes(operation, operands, types: types, source: source)
    return emit(operation, inputs, types: types, shapes: shapes)
  }

  /// Adds an operator whose output shapes the caller knows.
  package func emit(
    _ operation: Operation, _ inputs: [ValueID?], types: [ElementType], shapes: [[Int]],
    quantization: Quantization? = nil
  ) -> [ValueID] {
    let operands = inputs.map { $0.map { graph[$0] } }
    var outputs = zip(types, shapes).map { type, shape in
      var output = Value(name: name, type: type, shape: shape, quantization: quantization)
      guard let moved = StatedGrid.moved(by: operation, operands, to: shape), moved.type == type || type == .float32
      else {
        return output
      }
      if type == .float32 {
        output.statedGrid = moved
      } else {
        output.quantization = quantization ?? moved.quantization
      }
      return output
    }
    for index in outputs.indices.dropFirst() { outputs[index].name += ":\(index)" }
    if let constants = Folding.evaluate(operation, operands, outputs: outputs, limit: Self.foldedBytes, source: source)
    {
      for index in outputs.indices { outputs[index].constant = constants[index] }
      return outputs.map { graph.add($0) }
    }
    let ids = outputs.map { graph.add($0) }
    graph.add(Node(operation, inputs: inputs, outputs: ids, source: source))
    return ids
  }
}
