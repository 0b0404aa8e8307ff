internal import ModelFormat

/// Attention as ONNX Runtime fuses it: Attention, QAttention and MultiHeadAttention of its domain.
enum FusedAttention {
  // Shapes inside: (batch, heads, positions, size of a head).

  /// Operands: x (batch, positions, size), weights of queries, keys and values beside each other, bias, mask.
  static func attention(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    guard node.optional(4) == nil, node.optional(6) == nil, node.int("do_rotary", default: 0) == 0 else {
      throw node.unsupported("keys and values of earlier calls", "export the model without a cache")
    }
    let projected = try MatrixOperators.product(builder, node.input(0), node.input(1))
    let joined = try node.optional(2).map { try builder.add(projected, $0) } ?? projected
    let width = builder.shape(joined).last ?? 0
    let sizes = node.ints("qkv_hidden_sizes") ?? Array(repeating: width / 3, count: 3)
    guard builder.shape(joined).count == 3, sizes.count == 3, sizes.allSatisfy({ (1...max(width, 1)).contains($0) }),
      sizes.reduce(0, +) == width, sizes[0] == sizes[1]
    else {
      throw node.malformed("weights for \(width) outputs do not fit its hidden sizes \(sizes)")
    }
    var begin = 0
    let parts = try sizes.map { size -> ValueID in
      let outer = Array(builder.shape(joined)[..<2])
      defer { begin += size }
      return try heads(node, builder.slice(joined, begin: [0, 0, begin], size: outer + [size]))
    }
    return [try attended(node, parts, mask: node.optional(3), bias: node.optional(5))]
  }

  /// Operands: x, weights, bias, scales of x and of the weights, mask, zero points of x and of the weights, cache.
  static func quantized(_ node: ONNXNode) throws -> [ValueID] {
    guard node.optional(8) == nil else {
      throw node.unsupported("keys and values of earlier calls", "export the model without a cache")
    }
    let x = try FusedOperators.real(node, 0, scale: 3, zeroPoint: 6)
    let weights = try FusedOperators.real(node, 1, scale: 4, zeroPoint: 7, axis: 1)
    return try attention(node.with(inputs: [x, weights, node.optional(2), node.optional(5)]))
  }

  /// Operands: queries, keys, values, bias, mask of the keys, what is added to the products, earlier keys and values.
  static func multiHead(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    for index in 0..<3 {
      guard let operand = node.optional(index), builder.shape(operand).count < 5 else {
        throw node.unsupported("queries, keys and values in one operand", "export them as three")
      }
      try node.requireFloat(index)
    }
    var begin = 0
    var parts = try (0..<3).map { index -> ValueID in
      var operand = try node.input(index)
      let shape = builder.shape(operand)
      if shape.count == 4 { return operand }
      if let bias = node.optional(3) {
        let size = shape.last ?? 0
        operand = try builder.add(operand, builder.slice(bias, begin: [begin], size: [size]))
        begin += size
      }
      return try heads(node, operand)
    }
    for (index, past) in [(1, 6), (2, 7)] {
      guard let known = node.optional(past) else { continue }
      parts[index] = try builder.concatenate([known, parts[index]], axis: 2)
    }
    return [try attended(node, parts, mask: node.optional(4), bias: node.optional(5)), parts[1], parts[2]]
  }

  private static func heads(_ node: ONNXNode, _ data: ValueID) throws -> ValueID {
    let builder = node.builder
    let (shape, count) = (builder.shape(data), node.int("num_heads", default: 0))
    guard shape.count == 3, count > 0, shape[2] % count == 0 else {
      throw node.malformed("an operand of shape \(shape) for \(count) heads")
    }
    return try builder.transpose(builder.reshape(data, [shape[0], shape[1], count, shape[2] / count]), [0, 2, 1, 3])
  }

  /// `parts`: queries, keys, values.
  private static func attended(_ node: ONNXNode, _ parts: [ValueID], mask: ValueID?, bias: ValueID?) throws -> ValueID {
    let builder = node.builder
    let (queries, keys) = (builder.shape(parts[0]), builder.shape(parts[1]))
    let stated = Double(node.float("scale", default: 0))
    let scale = stated == 0 ? 1 / Double(queries[3]).squareRoot() : stated
    var products = try builder.emit(.batchMatMul(transposesRight: true), [builder.mul(parts[0], scale), parts[1]])
    if let bias { products = try builder.add(products, bias) }
    if let mask { products = try builder.add(products, hiding(node, mask, queries: queries, keys: keys[2])) }
    if node.int("unidirectional", default: 0) == 1 {
      products = try builder.add(products, future(node, positions: queries[2], keys: keys[2]))
    }
    let result = try builder.emit(.batchMatMul(), [builder.emit(.softmax(), [products]), parts[2]])
    let size = builder.shape(result)
    return try builder.reshape(builder.transpose(result, [0, 2, 1, 3]), [size[0], size[2], size[1] * size[3]])
  }

  /// `mask_filter_value` where the mask hides a key: numbers of keys of each batch, or 1 for what is seen, by key or by
  /// position and key.
  private static func hiding(_ node: ONNXNode, _ mask: ValueID, queries: [Int], keys: Int) throws -> ValueID {
    let builder = node.builder
    let shape = builder.shape(mask)
    var seen = try builder.cast(mask, to: .int32)
    switch shape {
    case [queries[0]]:
      let places = builder.integers(Array(0..<keys), shape: [1, 1, 1, keys])
      let isSeen = try builder.compare(.less, places, builder.reshape(seen, [shape[0], 1, 1, 1]))
      seen = try builder.cast(isSeen, to: .int32)
    case [queries[0], keys]: seen = try builder.reshape(seen, [shape[0], 1, 1, keys])
    case [queries[0], queries[2], keys]: seen = try builder.reshape(seen, [shape[0], 1, queries[2], keys])
    default:
      throw node.unsupported("a mask of shape \(shape)", "give it as (batch, keys) or (batch, positions, keys)")
    }
    let isSeen = try builder.compare(.notEqual, seen, builder.scalar(0, type: .int32))
    let hidden = Double(node.float("mask_filter_value", default: -10_000))
    return try builder.select(isSeen, builder.scalar(0), builder.scalar(hidden))
  }

  /// Hides from each position the keys after it; the last position sees all.
  private static func future(_ node: ONNXNode, positions: Int, keys: Int) throws -> ValueID {
    try node.requireModest(positions, keys)
    let hidden = (0..<positions).flatMap { row in
      (0..<keys).map { $0 > keys - positions + row ? -Float.infinity : 0 }
    }
    return node.builder.constant(hidden, shape: [positions, keys])
  }
}
