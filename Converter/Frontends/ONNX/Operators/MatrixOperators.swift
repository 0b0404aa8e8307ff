internal import ModelFormat

/// Matrix products.
enum MatrixOperators {
  static func matMul(_ node: ONNXNode) throws -> [ValueID] {
    let type = try node.type(0)
    let builder = node.builder
    let product = try product(
      builder, builder.cast(node.input(0), to: .float32), builder.cast(node.input(1), to: .float32))
    return [try builder.cast(product, to: type)]
  }

  /// NumPy's rule: vectors become matrices and lose the dimension again; the others broadcast.
  static func product(_ builder: GraphBuilder, _ a: ValueID, _ b: ValueID) throws -> ValueID {
    let (left, right) = (builder.shape(a), builder.shape(b))
    guard left.count == 1 || right.count == 1 else { return try matrices(builder, a, b) }
    let result = try matrices(
      builder, left.count == 1 ? builder.reshape(a, [1] + left) : a,
      right.count == 1 ? builder.reshape(b, right + [1]) : b)
    var shape = builder.shape(result)
    if right.count == 1 { shape.removeLast() }
    if left.count == 1 { shape.remove(at: shape.count - (right.count == 1 ? 1 : 2)) }
    return try builder.reshape(result, shape)
  }

  /// FULLY_CONNECTED when the right side is one constant matrix, BATCH_MATMUL otherwise.
  private static func matrices(_ builder: GraphBuilder, _ a: ValueID, _ b: ValueID) throws -> ValueID {
    let right = builder.shape(b)
    if right.count == 2, builder.value(b).isConstant {
      return try fullyConnected(builder, a, weights: builder.transpose(b, [1, 0]))
    }
    return try builder.emit(.batchMatMul(), [a, b])
  }

  /// `weights` has outputs first.
  private static func fullyConnected(_ builder: GraphBuilder, _ a: ValueID, weights: ValueID) throws -> ValueID {
    let bias = builder.constant(Array(repeating: 0, count: builder.shape(weights)[0]))
    return try builder.emit(.fullyConnected(keepsDimensions: builder.shape(a).count != 2), [a, weights, bias])
  }

  /// alpha A B + beta C.
  static func gemm(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let type = try node.type(0)
    var a = try builder.cast(node.input(0), to: .float32)
    var b = try builder.cast(node.input(1), to: .float32)
    if node.int("transA", default: 0) == 1 { a = try builder.transpose(a, [1, 0]) }
    let alpha = Double(node.float("alpha", default: 1))
    if alpha != 1 { b = try builder.mul(b, alpha) }
    let isTransposed = node.int("transB", default: 0) == 1
    var result: ValueID
    if isTransposed, builder.shape(b).count == 2, builder.value(b).isConstant {
      result = try fullyConnected(builder, a, weights: b)
    } else {
      result = try matrices(builder, a, isTransposed ? builder.transpose(b, [1, 0]) : b)
    }
    if let c = node.optional(2) {
      let beta = Double(node.float("beta", default: 1))
      let addend = try builder.cast(c, to: .float32)
      result = try builder.add(result, beta == 1 ? addend : builder.mul(addend, beta))
    }
    return [try builder.cast(result, to: type)]
  }

  /// 8-bit matrices less their zero points, as int32; exact while the sums stay below 2^24.
  static func matMulInteger(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let operands = try [0, 1].map { index -> ValueID in
      var operand = try builder.cast(node.input(index), to: .float32)
      guard let zeroPoint = node.optional(index + 2) else { return operand }
      var shift = try builder.cast(zeroPoint, to: .float32)
      // Zero points of rows stand beside the left matrix.
      if index == 0, builder.shape(shift).count == 1, builder.shape(shift)[0] > 1 {
        shift = try builder.unsqueeze(shift, at: [1])
      }
      operand = try builder.sub(operand, shift)
      return operand
    }
    return [try builder.cast(product(builder, operands[0], operands[1]), to: .int32)]
  }

  /// Sums of products over named dimensions: one or two operands whose dimensions appear once each.
  static func einsum(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let equation = node.string("equation", default: "").filter { $0 != " " }
    guard let plan = try EinsumPlan(equation, shapes: node.inputs.indices.map { try node.shape($0) }) else {
      throw node.unsupported("the equation '\(equation)'", "write it with MatMul, Transpose and ReduceSum")
    }
    return [try plan.emit(node.builder, node.inputs.indices.map { try node.input($0) })]
  }
}
