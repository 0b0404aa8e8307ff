internal import ModelFormat

/// Functions between layers that find places and read there.
enum KerasSelections {
  static func argExtremum(_ kind: OperatorKind) -> KerasLowering {
    { layer in
      let builder = layer.builder
      guard let given = layer.parameter(1, "axis")?.int else {
        throw layer.unsupported("no axis", "give it one, or reshape its input to one dimension")
      }
      let axis = try layer.axis(given, rank: layer.inputShape.count)
      let places = try builder.emit(
        .argExtremum(kind, type: .int32), [layer.input, builder.scalar(Double(axis), type: .int32)], type: .int32)
      guard layer.parameter(2, "keepdims")?.bool ?? false else { return [places] }
      return [try builder.unsqueeze(places, at: [axis])]
    }
  }

  static func oneHot(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    guard let count = (layer.parameter(1, "num_classes") ?? layer.parameter(1, "depth"))?.int,
      (0..<1 << 24).contains(count)
    else { throw layer.malformed("its number of classes is missing") }
    let rank = layer.inputShape.count
    let axis = try layer.axis(layer.parameter(4, "axis")?.int ?? -1, rank: rank + 1)
    guard layer.call.keywords["on_value"]?.value == nil, layer.call.keywords["off_value"]?.value == nil else {
      throw layer.unsupported("values other than 0 and 1", "scale and add behind it")
    }
    let type = layer.parameter(5, "dtype")?.text ?? "float32"
    let result = try builder.emit(
      .oneHot(axis: axis == rank ? -1 : axis),
      [
        builder.cast(layer.input, to: .int32), builder.scalar(Double(count), type: .int32), builder.scalar(1),
        builder.scalar(0),
      ],
      type: .float32)
    switch type {
    case "float32", "float16", "bfloat16": return [result]
    case "int32", "int64", "int8", "uint8": return [try builder.cast(result, to: .int32)]
    case "bool": return [try builder.compare(.notEqual, result, builder.scalar(0))]
    default: throw layer.unsupported("results of \(type)", "use float32")
    }
  }

  /// Elements of an axis by number, negative ones from its end; without an axis of all elements in a row.
  static func take(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    guard layer.parameter(3, "batch_dims")?.int ?? 0 == 0 else {
      throw layer.unsupported("indices for each batch", "gather without batch_dims")
    }
    var data = layer.input
    // TensorFlow counts from the first axis, Keras flattens.
    let given = layer.parameter(2, "axis")?.int ?? (layer.isKeras3 ? nil : 0)
    if given == nil { data = try builder.reshape(data, [builder.shape(data).reduce(1, *)]) }
    let axis = try layer.axis(given ?? 0, rank: builder.shape(data).count)
    let extent = builder.shape(data)[axis]
    guard let argument = layer.argument(1, ["indices"]) else { throw layer.malformed("its indices are missing") }
    var indices: ValueID
    if case .tensor(let computed) = argument {
      indices = try builder.cast(computed, to: .int32)
    } else if let constant = layer.constant(argument, type: .int32) {
      indices = constant
    } else {
      throw layer.malformed("its indices are no numbers")
    }
    if let known = builder.constantIntegers(indices) {
      let places = known.map { $0 < 0 ? $0 + extent : $0 }
      guard places.allSatisfy({ (0..<extent).contains($0) }) else {
        throw layer.malformed("an index is outside a dimension of \(extent)")
      }
      indices = builder.integers(places, shape: builder.shape(indices))
    } else {
      let isNegative = try builder.compare(.less, indices, builder.scalar(0, type: .int32))
      indices = try builder.select(isNegative, builder.add(indices, Double(extent)), indices)
    }
    return [try builder.emit(.gather(axis: axis), [data, indices])]
  }

  /// One of two operands by a condition; numbers have the type of the other operand.
  static func choose(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    let condition = try layer.operand(0, "condition")
    let sides = [layer.argument(1, ["x1", "x"]), layer.argument(2, ["x2", "y"])]
    let type = sides.lazy.compactMap { $0?.tensors.first }.first.map { builder.type($0) } ?? .float32
    let values = try sides.map { side -> ValueID in
      if case .tensor(let id)? = side { return id }
      guard let side, let constant = layer.constant(side, type: type) else {
        throw layer.unsupported("a condition alone", "give it what to choose from")
      }
      return constant
    }
    return [try builder.select(condition, values[0], values[1])]
  }

  /// The largest numbers along the last dimension, and their places.
  static func topK(_ layer: KerasLayer) throws -> [ValueID] {
    let builder = layer.builder
    guard let count = layer.parameter(1, "k")?.int, count > 0, count <= layer.inputShape.last ?? 0 else {
      throw layer.malformed("k does not fit")
    }
    return try builder.emit(
      Operation(.topK), [layer.input, builder.scalar(Double(count), type: .int32)],
      types: [builder.type(layer.input), .int32])
  }
}
