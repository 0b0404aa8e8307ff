internal import ModelFormat

/// Attention and what goes with it, made of products, softmax and sums. Masks hold negative infinity where nothing is to be
/// seen, as the operator's specification has it.
enum AttentionOperators {
  // Shapes inside: (batch, heads, positions, size of a head).

  static func attention(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    for index in 0..<3 { try node.requireFloat(index) }
    let isFlat = try node.shape(0).count == 3
    let queries = try heads(node, 0, count: node.int("q_num_heads", default: 0))
    let keys = try cached(node, 1, past: 4)
    let values = try cached(node, 2, past: 5)
    let (shape, keyShape) = (builder.shape(queries), builder.shape(keys))
    let scale = node.optionalFloat("scale").map { Double($0) } ?? 1 / Double(shape[3]).squareRoot()
    let (spreadKeys, spreadValues) = (try spread(keys, to: shape[1], node), try spread(values, to: shape[1], node))
    let products = try builder.emit(
      .batchMatMul(transposesRight: true), [builder.mul(queries, scale), spreadKeys])
    let past = node.optional(4).map { builder.shape($0)[2] } ?? 0
    let biased = try biases(node, positions: shape[2], keys: keyShape[2], past: past).reduce(products) {
      try builder.add($0, $1)
    }
    let capped = try softcap(biased, Double(node.float("softcap", default: 0)), builder)
    let weights = try builder.emit(.softmax(), [capped])
    var result = try builder.emit(.batchMatMul(), [weights, spreadValues])
    if isFlat {
      let size = builder.shape(result)
      result = try builder.reshape(builder.transpose(result, [0, 2, 1, 3]), [size[0], size[2], size[1] * size[3]])
    }
    let shown = [products, biased, capped, weights]
    let mode = node.int("qk_matmul_output_mode", default: 0)
    guard shown.indices.contains(mode) else { throw node.malformed("qk_matmul_output_mode is \(mode)") }
    return [result, keys, values, shown[mode]]
  }

  /// An operand of three dimensions by heads; others as they are.
  private static func heads(_ node: ONNXNode, _ index: Int, count: Int) throws -> ValueID {
    let (id, shape) = (try node.input(index), try node.shape(index))
    if shape.count == 4 { return id }
    guard shape.count == 3, count > 0, shape[2] % count == 0 else {
      throw node.malformed("input \(index) has shape \(shape) for \(count) heads")
    }
    let parts = try node.builder.reshape(id, [shape[0], shape[1], count, shape[2] / count])
    return try node.builder.transpose(parts, [0, 2, 1, 3])
  }

  /// Keys or values behind those of earlier calls.
  private static func cached(_ node: ONNXNode, _ index: Int, past: Int) throws -> ValueID {
    let new = try heads(node, index, count: node.int("kv_num_heads", default: 0))
    guard let known = node.optional(past) else { return new }
    return try node.builder.concatenate([known, new], axis: 2)
  }

  /// Each head as often as several heads of queries share it.
  private static func spread(_ id: ValueID, to count: Int, _ node: ONNXNode) throws -> ValueID {
    let known = node.builder.shape(id)[1]
    if known == count { return id }
    guard known > 0, count % known == 0 else { throw node.malformed("\(count) heads of queries share \(known) heads") }
    return try node.builder.emit(
      .gather(axis: 1), [id, node.builder.integers((0..<count).map { $0 / (count / known) })])
  }

  /// What is added to the products of queries and keys.
  private static func biases(_ node: ONNXNode, positions: Int, keys: Int, past: Int) throws -> [ValueID] {
    let builder = node.builder
    var biases: [ValueID] = []
    if var mask = node.optional(3) {
      if builder.type(mask) == .bool { mask = try hiding(unless: mask, builder) }
      let missing = keys - (builder.shape(mask).last ?? keys)
      let paddings = builder.shape(mask).indices.map { ($0, missing) }.map {
        $0.0 == builder.shape(mask).count - 1 ? (0, max(0, $0.1)) : (0, 0)
      }
      biases.append(try builder.pad(mask, paddings, with: -.infinity))
    }
    if node.int("is_causal", default: 0) == 1 {
      try node.requireModest(positions, keys)
      let hidden = (0..<positions).flatMap { row in
        (0..<keys).map { $0 > past + row ? -Float.infinity : 0 }
      }
      biases.append(builder.constant(hidden, shape: [positions, keys]))
    }
    if let lengths = node.optional(6) {
      let shape = [builder.shape(lengths).reduce(1, *), 1, 1, 1]
      let ends = try builder.reshape(builder.cast(lengths, to: .int32), shape)
      let places = builder.integers(Array(0..<keys), shape: [1, 1, 1, keys])
      biases.append(try hiding(unless: builder.compare(.less, places, ends), builder))
    }
    return biases
  }

  private static func hiding(unless condition: ValueID, _ builder: GraphBuilder) throws -> ValueID {
    try builder.select(condition, builder.scalar(0), builder.scalar(-.infinity))
  }

  private static func softcap(_ id: ValueID, _ limit: Double, _ builder: GraphBuilder) throws -> ValueID {
    guard limit > 0 else { return id }
    return try builder.mul(builder.unary(.tanh, builder.mul(id, 1 / limit)), limit)
  }

  /// Pairs of numbers of each head turned by the angles of their position.
  static func rotaryEmbedding(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    try node.requireFloat(0)
    let shape = try node.shape(0)
    var input = try node.input(0)
    let headAxis = shape.count == 3 ? 2 : 1
    if shape.count == 3 {
      let count = node.int("num_heads", default: 0)
      guard count > 0, shape[2] % count == 0 else { throw node.malformed("shape \(shape) for \(count) heads") }
      input = try builder.reshape(input, [shape[0], shape[1], count, shape[2] / count])
    }
    let parts = builder.shape(input)
    let asked = node.int("rotary_embedding_dim", default: 0)
    let turned = asked == 0 ? parts[3] : asked
    guard parts.count == 4, turned % 2 == 0, turned <= parts[3] else { throw node.malformed("shape \(shape)") }
    let (cosines, sines) = (try angles(node, 1, headAxis), try angles(node, 2, headAxis))
    let isInterleaved = node.int("interleaved", default: 0) == 1
    let (first, second) = try pairs(input, count: turned / 2, isInterleaved, builder)
    let real = try builder.sub(builder.mul(cosines, first), builder.mul(sines, second))
    let imaginary = try builder.add(builder.mul(sines, first), builder.mul(cosines, second))
    var result: ValueID
    if isInterleaved {
      let both = try builder.concatenate(
        [builder.unsqueeze(real, at: [4]), builder.unsqueeze(imaginary, at: [4])], axis: 4)
      result = try builder.reshape(both, Array(parts[..<3]) + [turned])
    } else {
      result = try builder.concatenate([real, imaginary], axis: 3)
    }
    if turned < parts[3] {
      let rest = try builder.slice(
        input, begin: [0, 0, 0, turned], size: Array(parts[..<3]) + [parts[3] - turned])
      result = try builder.concatenate([result, rest], axis: 3)
    }
    return [try builder.reshape(result, shape)]
  }

  /// The cache's rows for the positions, one for all heads.
  private static func angles(_ node: ONNXNode, _ index: Int, _ headAxis: Int) throws -> ValueID {
    var rows = try node.input(index)
    if let places = node.optional(3) {
      rows = try node.builder.emit(.gather(axis: 0), [rows, node.builder.cast(places, to: .int32)])
    }
    guard node.builder.shape(rows).count == 3 else { throw node.malformed("input \(index) has another rank") }
    return try node.builder.unsqueeze(rows, at: [headAxis])
  }

  /// The first and the second of each pair: neighbours, or numbers of the first and the second half.
  private static func pairs(
    _ input: ValueID, count: Int, _ isInterleaved: Bool, _ builder: GraphBuilder
  ) throws -> (ValueID, ValueID) {
    let outer = Array(builder.shape(input)[..<3])
    let whole = try builder.slice(input, begin: [0, 0, 0, 0], size: outer + [2 * count])
    guard isInterleaved else {
      let halves = try [0, count].map {
        try builder.slice(whole, begin: [0, 0, 0, $0], size: outer + [count])
      }
      return (halves[0], halves[1])
    }
    let neighbours = try builder.reshape(whole, outer + [count, 2])
    let parts = try [0, 1].map {
      try builder.reshape(
        builder.slice(neighbours, begin: [0, 0, 0, 0, $0], size: outer + [count, 1]), outer + [count])
    }
    return (parts[0], parts[1])
  }

  /// A cache with new rows at the places that each batch states; `circular` goes on at the front.
  static func tensorScatter(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let (shape, update) = (try node.shape(0), try node.shape(1))
    let axis = try node.normalized(node.int("axis", default: -2), rank: shape.count)
    guard axis > 0, update.count == shape.count, update[axis] > 0 else { throw node.malformed("shape \(update)") }
    let (length, batches) = (shape[axis], shape[0])
    let starts =
      try node.optional(2).map { try builder.cast($0, to: .int32) }
      ?? builder.integers(Array(repeating: 0, count: batches))
    // Row p of the cache is row p - start of the update, counted around the cache's end, where the update has that row.
    let places = builder.integers(Array(0..<length), shape: [1, length])
    let offsets = try builder.sub(builder.add(places, Double(length)), builder.reshape(starts, [batches, 1]))
    let rows = try builder.emit(Operation(.floorMod), [offsets, builder.scalar(Double(length), type: .int32)])
    let isNew = try builder.compare(.less, rows, builder.scalar(Double(update[axis]), type: .int32))
    let known = try builder.minimum(rows, builder.scalar(Double(update[axis] - 1), type: .int32))
    var order = Array(shape.indices)
    order.remove(at: axis)
    order.insert(axis, at: 1)
    let moved = try builder.transpose(node.input(1), order)
    let taken = try builder.emit(.gather(axis: 1, batchDimensions: 1), [moved, known])
    let old = try builder.transpose(node.input(0), order)
    let condition = try builder.reshape(isNew, [batches, length] + shape.dropFirst(2).map { _ in 1 })
    var back = Array(repeating: 0, count: order.count)
    for (position, source) in order.enumerated() { back[source] = position }
    return [try builder.transpose(builder.select(condition, taken, old), back)]
  }
}
