internal import ModelFormat

/// Attention layers: softmax(Q K^T) V.
enum KerasAttention {
  /// What Keras adds to the scores of what is not to be seen.
  private static let unseen = -1e9

  /// A projection of a MultiHeadAttention layer: D inputs, heads, and so many elements for each.
  private struct Projection {
    let kernel: KerasArray
    let bias: KerasArray?
  }

  static func multiHead(_ layer: KerasLayer) throws -> [ValueID] {
    guard let size = layer.config["key_dim"]?.int else { throw layer.malformed("key_dim is missing") }
    return try projected(layer, size: size)
  }

  /// Several heads of the query share each one of keys and values.
  static func groupedQuery(_ layer: KerasLayer) throws -> [ValueID] {
    guard let size = layer.config["head_dim"]?.int else { throw layer.malformed("head_dim is missing") }
    return try projected(layer, size: size)
  }

  /// Shapes inside: (batch, heads, steps, size of a head).
  private static func projected(_ layer: KerasLayer, size: Int) throws -> [ValueID] {
    let builder = layer.builder
    guard size > 0, layer.inputShape.count == 3 else {
      throw layer.unsupported(
        "heads of size \(size) for inputs of shape \(layer.inputShape)", "give it (batch, steps, elements)")
    }
    guard !layer.flag("use_gate", default: false) else {
      throw layer.unsupported("a gate for its output", "build it with use_gate=False")
    }
    guard case .tensor(let query)? = layer.argument(0, ["query"]),
      case .tensor(let value)? = layer.argument(1, ["value"])
    else { throw layer.malformed("its query or value is missing") }
    var key = value
    if case .tensor(let given)? = layer.argument(2, ["key"]) { key = given }
    let hasBias = layer.flag("use_bias", default: true)
    let step = hasBias ? 2 : 1
    let parts = try (0..<4).map { index in
      Projection(
        kernel: try layer.weight(index * step, rank: 3),
        bias: hasBias ? try layer.weight(index * step + 1, rank: index < 3 ? 2 : 1) : nil)
    }
    let queries = try split(layer, query, parts[0], scale: 1 / Double(size).squareRoot())
    let keys = try split(layer, key, parts[1])
    let values = try split(layer, value, parts[2])
    let heads = builder.shape(queries)
    let (groups, steps) = (builder.shape(keys)[1], builder.shape(keys)[2])
    guard groups > 0, heads[1] % groups == 0, builder.shape(values)[1] == groups else {
      throw layer.malformed("its \(heads[1]) heads do not fit \(groups) of keys")
    }
    // Heads that share keys stand above each other, as more steps of one head.
    let together = [heads[0], groups, heads[1] / groups * heads[2]]
    let products = try builder.emit(
      .batchMatMul(transposesRight: true), [builder.reshape(queries, together + [heads[3]]), keys])
    let apart = try builder.reshape(products, [heads[0], heads[1], heads[2], steps])
    let shares = try builder.emit(.softmax(), [masked(layer, apart, query: query, value: value)])
    let sums = try builder.emit(.batchMatMul(), [builder.reshape(shares, together + [steps]), values])
    let seen = try builder.transpose(
      builder.reshape(sums, Array(heads[..<3]) + [builder.shape(values)[3]]), [0, 2, 1, 3])
    let shape = builder.shape(seen)
    let rows = try builder.reshape(seen, [shape[0], shape[1], shape[2] * shape[3]])
    let output = try merged(layer, rows, parts[3])
    let wantsScores = layer.call.keywords["return_attention_scores"]?.value?.bool ?? false
    return wantsScores ? [output, shares] : [output]
  }

  /// The projection of `data`, by heads.
  private static func split(
    _ layer: KerasLayer, _ data: ValueID, _ part: Projection, scale: Double = 1
  ) throws -> ValueID {
    let builder = layer.builder
    let (kernel, shape) = (part.kernel, builder.shape(data))
    let count = kernel.shape[1] * kernel.shape[2]
    guard shape.count == 3, shape[2] == kernel.shape[0], part.bias?.elements.count ?? count == count else {
      throw layer.malformed("its kernels do not fit its inputs")
    }
    let weights = try builder.transpose(builder.constant(kernel.elements, shape: [kernel.shape[0], count]), [1, 0])
    let bias = builder.constant(part.bias?.elements ?? Array(repeating: 0, count: count))
    let rows = try builder.emit(.fullyConnected(keepsDimensions: true), [data, weights, bias])
    let scaled = scale == 1 ? rows : try builder.mul(rows, scale)
    let heads = try builder.reshape(scaled, [shape[0], shape[1], kernel.shape[1], kernel.shape[2]])
    return try builder.transpose(heads, [0, 2, 1, 3])
  }

  private static func merged(_ layer: KerasLayer, _ rows: ValueID, _ part: Projection) throws -> ValueID {
    let builder = layer.builder
    let (kernel, outputs) = (part.kernel, part.kernel.shape[2])
    let count = kernel.shape[0] * kernel.shape[1]
    guard builder.shape(rows)[2] == count, part.bias?.elements.count ?? outputs == outputs else {
      throw layer.malformed("its kernels do not fit its inputs")
    }
    let weights = try builder.transpose(builder.constant(kernel.elements, shape: [count, outputs]), [1, 0])
    let bias = builder.constant(part.bias?.elements ?? Array(repeating: 0, count: outputs))
    return try builder.emit(.fullyConnected(keepsDimensions: true), [rows, weights, bias])
  }

  /// The scores, of shape (batch, heads, queries, keys), with what the layer may not see made small.
  private static func masked(
    _ layer: KerasLayer, _ scores: ValueID, query: ValueID, value: ValueID
  ) throws -> ValueID {
    let builder = layer.builder
    let shape = builder.shape(scores)
    var masks: [ValueID] = []
    if layer.call.keywords["use_causal_mask"]?.value?.bool ?? false {
      masks.append(try steps(layer, queries: shape[2], keys: shape[3]) { $1 <= $0 })
    }
    if let window = layer.config["sliding_window"]?.int {
      masks.append(try steps(layer, queries: shape[2], keys: shape[3]) { abs($0 - $1) < window })
    }
    if case .tensor(let mask)? = layer.call.keywords["attention_mask"] {
      let size = builder.shape(mask)
      masks.append(try builder.reshape(mask, size.count == 3 ? [size[0], 1, size[1], size[2]] : size))
    }
    if let mask = layer.masks[query] { masks.append(try builder.unsqueeze(mask, at: [1, 3])) }
    if let mask = layer.masks[value] { masks.append(try builder.unsqueeze(mask, at: [1, 2])) }
    return try hidden(layer, scores, unless: masks)
  }

  /// The scores where all masks are true, or made small.
  private static func hidden(_ layer: KerasLayer, _ scores: ValueID, unless masks: [ValueID]) throws -> ValueID {
    let builder = layer.builder
    let factors = try masks.map { try builder.cast($0, to: .float32) }
    guard let first = factors.first else { return scores }
    let seen = try factors.dropFirst().reduce(first) { try builder.mul($0, $1) }
    return try builder.add(scores, builder.mul(builder.add(seen, -1), -unseen))
  }

  /// 1 for the steps that each query's own may see, 0 for the others.
  private static func steps(
    _ layer: KerasLayer, queries: Int, keys: Int, _ sees: (Int, Int) -> Bool
  ) throws -> ValueID {
    guard queries <= 4096, keys <= 4096 else {
      throw layer.unsupported("more than 4096 steps", "use a shorter sequence")
    }
    let cells = (0..<queries).flatMap { row in (0..<keys).map { Float(sees(row, $0) ? 1 : 0) } }
    return layer.builder.constant(cells, shape: [queries, keys])
  }

  /// Attention without projections; its inputs are query, value and key.
  static func dot(_ layer: KerasLayer) throws -> [ValueID] {
    guard layer.config["score_mode"]?.text ?? "dot" == "dot" else {
      throw layer.unsupported("scores other than products", "use score_mode dot")
    }
    return try unprojected(layer) { builder, query, key in
      let scores = try builder.emit(.batchMatMul(transposesRight: true), [query, key])
      guard layer.flag("use_scale", default: false) else { return scores }
      return try builder.mul(scores, Double(layer.weight(0, rank: 0).elements[0]))
    }
  }

  /// The same with the sum of tanh(query + key) for scores, weighted by element.
  static func additive(_ layer: KerasLayer) throws -> [ValueID] {
    try unprojected(layer) { builder, query, key in
      let sum = try builder.add(builder.unsqueeze(query, at: [2]), builder.unsqueeze(key, at: [1]))
      var parts = try builder.unary(.tanh, sum)
      if layer.flag("use_scale", default: true) {
        parts = try builder.mul(parts, layer.constant(layer.weight(0, rank: 1)))
      }
      return try builder.reduce(.sum, parts, axes: [3], keepsDimensions: false)
    }
  }

  private static func unprojected(
    _ layer: KerasLayer, scores: (GraphBuilder, ValueID, ValueID) throws -> ValueID
  ) throws -> [ValueID] {
    let builder = layer.builder
    let inputs = layer.inputs
    guard (2...3).contains(inputs.count), inputs.allSatisfy({ builder.shape($0).count == 3 }) else {
      throw layer.unsupported("inputs of shape \(layer.inputShape)", "give it (batch, steps, elements)")
    }
    let scores = try scores(builder, inputs[0], inputs[inputs.count - 1])
    var masks: [ValueID] = []
    if layer.call.keywords["use_causal_mask"]?.value?.bool ?? layer.flag("causal", default: false) {
      let shape = builder.shape(scores)
      masks.append(try steps(layer, queries: shape[1], keys: shape[2]) { $1 <= $0 })
    }
    if let mask = layer.masks[inputs[1]] { masks.append(try builder.unsqueeze(mask, at: [1])) }
    let shares = try builder.emit(.softmax(), [hidden(layer, scores, unless: masks)])
    let result = try builder.emit(.batchMatMul(), [shares, inputs[1]])
    return [try layer.masks[inputs[0]].map { try builder.mul(result, layer.weighting($0)) } ?? result]
  }
}
