internal import ModelFormat

/// Operators that read or write at given places.
enum IndexOperators {
  static func gather(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    let axis = try node.normalized(node.int("axis", default: 0), rank: shape.count)
    let indices = try nonNegative(node, node.input(1), extent: shape[axis])
    return [try builder.emit(.gather(axis: axis), [node.input(0), indices])]
  }

  /// Indices from the end are counted from the front.
  private static func nonNegative(_ node: ONNXNode, _ indices: ValueID, extent: Int) throws -> ValueID {
    let builder = node.builder
    if let known = builder.constantIntegers(indices) {
      let positive = known.map { $0 < 0 ? $0 &+ extent : $0 }
      guard positive.allSatisfy({ (0..<max(extent, 1)).contains($0) }) else {
        throw node.malformed("an index is outside a dimension of \(extent)")
      }
      return builder.integers(positive, shape: builder.shape(indices))
    }
    let isNegative = try builder.compare(.less, indices, builder.scalar(0, type: builder.type(indices)))
    return try builder.select(isNegative, builder.add(indices, Double(extent)), indices)
  }

  /// Each index with the coordinates of its own place in the other dimensions: [..., rank] for GATHER_ND.
  private static func coordinates(_ node: ONNXNode, _ indices: ValueID, axis: Int, extent: Int) throws -> ValueID {
    let builder = node.builder
    let shape = builder.shape(indices)
    try node.requireModest(shape.max() ?? 0)
    let wanted = try builder.cast(nonNegative(node, indices, extent: extent), to: .int32)
    let parts = try shape.indices.map { dimension -> ValueID in
      if dimension == axis { return try builder.reshape(wanted, shape + [1]) }
      var line = Array(repeating: 1, count: shape.count + 1)
      line[dimension] = shape[dimension]
      return try builder.broadcast(builder.integers(Array(0..<shape[dimension]), shape: line), to: shape + [1])
    }
    return try builder.concatenate(parts, axis: shape.count)
  }

  static func gatherElements(_ node: ONNXNode) throws -> [ValueID] {
    let shape = try node.shape(0)
    let axis = try node.normalized(node.int("axis", default: 0), rank: shape.count)
    let places = try coordinates(node, node.input(1), axis: axis, extent: shape[axis])
    return [try node.builder.emit(Operation(.gatherND), [node.input(0), places])]
  }

  static func gatherND(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let (shape, indices) = (try node.shape(0), try node.shape(1))
    let batch = node.int("batch_dims", default: 0)
    guard let depth = indices.last, depth > 0, batch >= 0, batch < min(shape.count, indices.count),
      depth <= shape.count - batch
    else {
      throw node.malformed("indices \(indices) for input \(shape)")
    }
    var wanted = try node.input(1)
    if let known = builder.constantIntegers(wanted) {
      let positive = known.enumerated().map { $1 < 0 ? $1 &+ shape[batch + $0 % depth] : $1 }
      wanted = builder.integers(positive, shape: indices)
    }
    guard batch > 0 else { return [try builder.emit(Operation(.gatherND), [node.input(0), wanted])] }
    try node.requireModest(indices.max() ?? 0)
    let parts = try (0..<batch).map { dimension -> ValueID in
      var line = Array(repeating: 1, count: indices.count)
      line[dimension] = indices[dimension]
      return try builder.broadcast(
        builder.integers(Array(0..<indices[dimension]), shape: line), to: indices.dropLast() + [1])
    }
    let full = try builder.concatenate(parts + [builder.cast(wanted, to: .int32)], axis: indices.count - 1)
    return [try builder.emit(Operation(.gatherND), [node.input(0), full])]
  }

  static func scatterND(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    let indices = try node.shape(1)
    guard let depth = indices.last, depth > 0, depth <= shape.count else {
      throw node.malformed("indices \(indices) for input \(shape)")
    }
    guard let known = try node.integers(1, "indices") else { throw node.malformed("indices are missing") }
    let positive = known.enumerated().map { $1 < 0 ? $1 &+ shape[$0 % depth] : $1 }
    return [
      try scattered(node, builder.integers(positive, shape: indices), depth: depth, node.input(2))
    ]
  }

  static func scatterElements(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    let axis = try node.normalized(node.int("axis", default: 0), rank: shape.count)
    guard builder.value(try node.input(1)).isConstant else { throw node.notConstant(1, "indices") }
    let places = try coordinates(node, node.input(1), axis: axis, extent: shape[axis])
    let count = try node.shape(2).reduce(1, *)
    return [
      try scattered(
        node, builder.reshape(places, [count, shape.count]), depth: shape.count,
        builder.reshape(node.input(2), [count]))
    ]
  }

  /// Data where nothing is written, updates elsewhere; sums for the reduction "add". Places that are written twice add up,
  /// so only "add" may have them.
  private static func scattered(
    _ node: ONNXNode, _ indices: ValueID, depth: Int, _ updates: ValueID
  ) throws -> ValueID {
    let builder = node.builder
    let data = try node.input(0)
    let shape = builder.integers(builder.shape(data))
    let places = builder.constantIntegers(indices) ?? []
    let tuples = stride(from: 0, to: places.count, by: max(depth, 1)).map { Array(places[$0..<$0 + depth]) }
    let reduction = node.string("reduction", default: "none")
    let sum = try builder.emit(Operation(.scatterND), [indices, updates, shape], type: builder.type(data))
    if reduction == "add" { return try builder.add(data, sum) }
    guard Set(tuples).count == tuples.count else {
      throw node.unsupported("it writes a place twice with reduction '\(reduction)'", "write each place once")
    }
    let ones = try builder.broadcast(builder.scalar(1, type: .int32), to: builder.shape(updates))
    let mask = try builder.emit(Operation(.scatterND), [indices, ones, shape], type: .int32)
    let isWritten = try builder.compare(.notEqual, mask, builder.scalar(0, type: .int32))
    let combined: ValueID
    switch reduction {
    case "none": combined = sum
    case "mul": combined = try builder.mul(data, sum)
    case "max": combined = try builder.maximum(data, sum)
    case "min": combined = try builder.minimum(data, sum)
    default: throw node.unsupported("reduction '\(reduction)'", "use none, add, mul, max or min")
    }
    return try builder.select(isWritten, combined, data)
  }

  static func oneHot(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    guard let depth = try node.integers(1, "depth")?.first, depth >= 0, depth < 1 << 24 else {
      throw node.malformed("its depth is missing")
    }
    let rank = try node.shape(0).count
    let axis = try node.normalized(node.int("axis", default: -1), rank: rank + 1)
    let values = try node.input(2)
    let type = builder.type(values)
    let pick = { (index: Int) in try builder.reshape(builder.slice(values, begin: [index], size: [1]), []) }
    // Negative indices count from the end; those outside give the off value.
    let wide = try builder.cast(node.input(0), to: .int32)
    let isNegative = try builder.compare(.less, wide, builder.scalar(0, type: .int32))
    let indices = try builder.select(isNegative, builder.add(wide, Double(depth)), wide)
    return [
      try builder.emit(
        .oneHot(axis: axis == rank ? -1 : axis),
        [indices, builder.scalar(Double(depth), type: .int32), pick(1), pick(0)], type: type)
    ]
  }

  /// The upper or lower triangle of the last two dimensions.
  static func trilu(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    guard shape.count >= 2 else { throw node.malformed("an input of rank \(shape.count)") }
    let diagonal = try node.integers(1, "k")?.first ?? 0
    let isUpper = node.int("upper", default: 1) == 1
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    try node.requireModest(rows, columns)
    let mask = (0..<rows).flatMap { row in
      (0..<columns).map { column -> UInt8 in
        (isUpper ? column - row >= diagonal : column - row <= diagonal) ? 1 : 0
      }
    }
    let condition = builder.constant(ConstantBytes(mask), type: .bool, shape: [rows, columns])
    let type = try node.type(0)
    return [try builder.select(condition, node.input(0), builder.scalar(0, type: type))]
  }
}
