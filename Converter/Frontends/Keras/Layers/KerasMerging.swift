internal import ModelFormat

/// Layers that merge several inputs.
enum KerasMerging {
  static func arithmetic(_ kind: OperatorKind) -> KerasLowering {
    { layer in [try reduce(layer) { try layer.builder.emit(.arithmetic(kind), [$0, $1]) }] }
  }

  static func fold(_ kind: OperatorKind) -> KerasLowering {
    { layer in [try reduce(layer) { try layer.builder.emit(Operation(kind), [$0, $1]) }] }
  }

  private static func reduce(_ layer: KerasLayer, _ body: (ValueID, ValueID) throws -> ValueID) throws -> ValueID {
    var result = layer.inputs[0]
    for input in layer.inputs.dropFirst() { result = try body(result, input) }
    return result
  }

  static func average(_ layer: KerasLayer) throws -> [ValueID] {
    let sum = try arithmetic(.add)(layer)[0]
    return [try layer.builder.mul(sum, 1 / Double(layer.inputs.count))]
  }

  static func concatenate(_ layer: KerasLayer) throws -> [ValueID] {
    let rank = layer.inputShape.count
    let axis = layer.config["axis"]?.int ?? -1
    let normalized = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(normalized) else { throw layer.malformed("axis \(axis) of rank \(rank)") }
    return [try layer.builder.concatenate(layer.inputs, axis: normalized)]
  }
}
