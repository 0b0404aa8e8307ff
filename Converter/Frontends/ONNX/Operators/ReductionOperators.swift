internal import ModelFormat

/// Reductions over axes, and the search for extremes.
enum ReductionOperators {
  /// The axes, which are an operand in later operator sets and an attribute in earlier ones; `nil` for no reduction.
  private static func axes(_ node: ONNXNode) throws -> [Int]? {
    let rank = try node.shape(0).count
    let given = try node.integers(1, "axes") ?? node.ints("axes") ?? []
    if given.isEmpty {
      return node.int("noop_with_empty_axes", default: 0) == 1 ? nil : Array(0..<rank)
    }
    return try given.map { try node.normalized($0, rank: rank) }.sorted()
  }

  /// A reduction with something done to each element before and to the result after.
  static func reduction(
    _ kind: OperatorKind,
    before: @escaping @Sendable (GraphBuilder, ValueID) throws -> ValueID = { $1 },
    after: @escaping @Sendable (GraphBuilder, ValueID) throws -> ValueID = { $1 }
  ) -> ONNXLowering {
    { node in
      let builder = node.builder
      let type = try node.type(0)
      let worked = workingType(type, kind)
      var data = try before(builder, builder.cast(node.input(0), to: worked))
      if let axes = try axes(node), !axes.isEmpty {
        data = try reduced(node, kind, data, axes)
      }
      return [try builder.cast(after(builder, data), to: type)]
    }
  }

  private static func workingType(_ type: ElementType, _ kind: OperatorKind) -> ElementType {
    switch type {
    case .bool: .int32
    case .uint8, .int8, .int16: .int32
    case .int32, .int64: kind == .mean ? .float32 : type
    default: type
    }
  }

  private static func reduced(_ node: ONNXNode, _ kind: OperatorKind, _ data: ValueID, _ axes: [Int]) throws -> ValueID
  {
    let builder = node.builder
    let keeps = node.int("keepdims", default: 1) == 1
    let shape = builder.shape(data)
    guard !axes.contains(where: { shape[$0] == 0 }) else { return try empty(node, kind, shape, axes, keeps) }
    return try builder.reduce(kind, data, axes: axes, keepsDimensions: keeps)
  }

  /// Nothing reduces to the operation's neutral element.
  private static func empty(
    _ node: ONNXNode, _ kind: OperatorKind, _ shape: [Int], _ axes: [Int], _ keeps: Bool
  ) throws -> ValueID {
    let builder = node.builder
    let result = shape.enumerated().compactMap { axes.contains($0) ? (keeps ? 1 : nil) : $1 }
    let neutral: Double =
      switch kind {
      case .reduceProd: 1
      case .reduceMax: -.infinity
      case .reduceMin: .infinity
      default: 0
      }
    let type = try builder.type(node.input(0))
    return try builder.broadcast(builder.scalar(neutral, type: workingType(type, kind)), to: result)
  }

  static let square: @Sendable (GraphBuilder, ValueID) throws -> ValueID = { try $0.mul($1, $1) }
  static let absolute: @Sendable (GraphBuilder, ValueID) throws -> ValueID = { try $0.unary(.abs, $1) }
  /// Integers have no logarithms or roots of their own.
  static func floating(_ kind: OperatorKind) -> @Sendable (GraphBuilder, ValueID) throws -> ValueID {
    { builder, x in
      try builder.cast(builder.unary(kind, builder.cast(x, to: .float32)), to: builder.type(x))
    }
  }

  /// ln(sum(exp(x - max))) + max.
  static func logSumExp(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    guard let axes = try axes(node), !axes.isEmpty else { return [try node.input(0)] }
    let type = try node.type(0)
    let x = try builder.cast(node.input(0), to: .float32)
    let keeps = node.int("keepdims", default: 1) == 1
    guard !axes.contains(where: { builder.shape(x)[$0] == 0 }) else {
      return [try builder.unary(.log, empty(node, .sum, builder.shape(x), axes, keeps))]
    }
    let maximum = try builder.reduce(.reduceMax, x, axes: axes)
    let sum = try builder.reduce(.sum, builder.unary(.exp, builder.sub(x, maximum)), axes: axes, keepsDimensions: keeps)
    let offset = try builder.reshape(maximum, builder.shape(sum))
    return [try builder.cast(builder.add(builder.unary(.log, sum), offset), to: type)]
  }

  /// ARG_MAX and ARG_MIN; `select_last_index` searches the reversed data.
  static func argExtremum(_ kind: OperatorKind) -> ONNXLowering {
    { node in
      let builder = node.builder
      var data = try node.input(0)
      let shape = builder.shape(data)
      let axis = try node.normalized(node.int("axis", default: 0), rank: shape.count)
      let isLast = node.int("select_last_index", default: 0) == 1
      if isLast { data = try builder.emit(Operation(.reverse), [data, builder.integers([axis])]) }
      var result = try builder.emit(
        .argExtremum(kind, type: .int64), [data, builder.scalar(Double(axis), type: .int32)], type: .int64)
      if isLast {
        result = try builder.sub(builder.scalar(Double(shape[axis] - 1), type: .int64), result)
      }
      if node.int("keepdims", default: 1) == 1 {
        var kept = shape
        kept[axis] = 1
        result = try builder.reshape(result, kept)
      }
      return [result]
    }
  }

  /// The largest along an axis, or the smallest through negation, sorted.
  static func topK(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let shape = try node.shape(0)
    let axis = try node.normalized(node.int("axis", default: -1), rank: shape.count)
    guard let count = try node.integers(1, "k")?.first, count >= 0, count <= shape[axis] else {
      throw node.malformed("k does not fit input \(shape)")
    }
    let isLargest = node.int("largest", default: 1) == 1
    let type = try node.type(0)
    let worked: ElementType = isLargest || type == .int64 || type == .float32 ? type : .int32
    var (moved, back) = try builder.moveToEnd(builder.cast(node.input(0), to: worked), axis: axis)
    if !isLargest { moved = try builder.unary(.neg, moved) }
    let outputs = try builder.emit(
      Operation(.topK), [moved, builder.scalar(Double(count), type: .int32)], types: [worked, .int32])
    var values = try builder.transpose(outputs[0], back)
    if !isLargest { values = try builder.unary(.neg, values) }
    back = Array(back)
    return [
      try builder.cast(values, to: type), try builder.cast(builder.transpose(outputs[1], back), to: .int64),
    ]
  }
}
