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

  /// Products of two inputs, summed over an axis of each.
  static func dot(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    guard layer.inputs.count == 2 else { throw layer.malformed("it takes two inputs") }
    let given = layer.config["axes"]?.ints ?? layer.config["axes"]?.int.map { [$0, $0] } ?? []
    let ranks = layer.inputs.map { builder.shape($0).count }
    guard given.count == 2, ranks.allSatisfy({ (2...3).contains($0) }) else {
      throw layer.unsupported("inputs of ranks \(ranks)", "give it inputs of rank 2 or 3")
    }
    // Both as (batch, rest, summed).
    let parts = try zip(layer.inputs, given).map { input, axis in
      let (rank, shape) = (builder.shape(input).count, builder.shape(input))
      let counted = try layer.axis(axis, rank: rank)
      guard counted > 0 else { throw layer.unsupported("a sum over the batch", "sum over another axis") }
      let last = rank == 2 || counted == 2 ? input : try builder.transpose(input, [0, 2, 1])
      let part = rank == 2 ? try builder.reshape(last, [shape[0], 1, shape[1]]) : last
      guard layer.flag("normalize", default: false) else { return part }
      return try builder.emit(Operation(.l2Normalization, [0: .int8(0)]), [part])
    }
    let product = try builder.emit(.batchMatMul(transposesRight: true), parts)
    let shape = builder.shape(product)
    let kept = [shape[0]] + (ranks[0] == 3 ? [shape[1]] : []) + (ranks[1] == 3 ? [shape[2]] : [])
    return [try builder.reshape(product, kept.count == 1 ? [shape[0], 1] : kept)]
  }
}
