internal import ModelFormat

/// Operators that work on each element alone.
enum ElementwiseOperators {
  /// One operand, one operator of the file format; float32, or integers through float32.
  static func unary(_ kind: OperatorKind) -> ONNXLowering {
    { node in
      let input = try node.input(0)
      let type = try node.type(0)
      if type == .float32 || kind == .logicalNot { return [try node.builder.unary(kind, input)] }
      if type == .int32 || type == .int64, kind == .neg { return [try node.builder.unary(kind, input)] }
      let result = try node.builder.unary(kind, node.builder.cast(input, to: .float32))
      return [try node.builder.cast(result, to: type)]
    }
  }

  static func identity(_ node: ONNXNode) throws -> [ValueID] { [try node.input(0)] }

  /// ADD, SUB, MUL, DIV and the like, with NumPy's broadcasting.
  static func binary(_ kind: OperatorKind) -> ONNXLowering {
    { node in [try binary(node, kind, node.input(0), node.input(1))] }
  }

  static func binary(_ node: ONNXNode, _ kind: OperatorKind, _ a: ValueID, _ b: ValueID) throws -> ValueID {
    let type = node.builder.type(a)
    let operation: Operation = [.add, .sub, .mul, .div].contains(kind) ? .arithmetic(kind) : Operation(kind)
    let worked = workingType(type, kind)
    let result = try node.builder.emit(operation, [node.builder.cast(a, to: worked), node.builder.cast(b, to: worked)])
    return try node.builder.cast(result, to: type)
  }

  /// Plain 8-bit and 16-bit numbers are computed as int32: the runtime's kernels of these types expect quantization.
  private static func workingType(_ type: ElementType, _ kind: OperatorKind) -> ElementType {
    switch type {
    case .int8, .uint8, .int16, .bool: .int32
    case .int64 where kind == .div || kind == .pow: .int32
    default: type
    }
  }

  /// Sum, Max, Min and Mean take any number of operands.
  static func variadic(_ kind: OperatorKind) -> ONNXLowering {
    { node in
      var result = try node.input(0)
      for index in 1..<max(node.inputs.count, 1) { result = try binary(node, kind, result, node.input(index)) }
      return [result]
    }
  }

  static func mean(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let sum = try variadic(.add)(node)[0]
    return [node.inputs.count == 1 ? sum : try node.builder.mul(sum, 1 / Double(node.inputs.count))]
  }

  static func comparison(_ kind: OperatorKind) -> ONNXLowering {
    { node in
      var (a, b) = (try node.input(0), try node.input(1))
      let type = node.builder.type(a)
      if [.int8, .uint8, .int16].contains(type) || (type == .bool && kind != .equal) {
        (a, b) = (try node.builder.cast(a, to: .int32), try node.builder.cast(b, to: .int32))
      }
      return [try node.builder.compare(kind, a, b)]
    }
  }

  static func logical(_ kind: OperatorKind) -> ONNXLowering {
    { node in [try node.builder.emit(Operation(kind), [node.input(0), node.input(1)])] }
  }

  static func xor(_ node: ONNXNode) throws -> [ValueID] {
    let operands = try [0, 1].map { try node.builder.cast(node.input($0), to: .int32) }
    return [try node.builder.compare(.notEqual, operands[0], operands[1])]
  }

  static func isNaN(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    return [try node.builder.compare(.notEqual, node.input(0), node.input(0))]
  }

  static func isInf(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let input = try node.input(0)
    let builder = node.builder
    let infinity = { (sign: Double) in builder.scalar(sign * .infinity) }
    let positive = try builder.compare(.equal, input, infinity(1))
    let negative = try builder.compare(.equal, input, infinity(-1))
    switch (node.int("detect_positive", default: 1), node.int("detect_negative", default: 1)) {
    case (0, 0): return [try builder.compare(.less, builder.unary(.abs, input), builder.scalar(-1))]
    case (0, _): return [negative]
    case (_, 0): return [positive]
    default: return [try builder.emit(Operation(.logicalOr), [positive, negative])]
    }
  }

  static func whereOperator(_ node: ONNXNode) throws -> [ValueID] {
    [try node.builder.select(node.input(0), node.input(1), node.input(2))]
  }

  /// Remainder with the divisor's sign, or with the dividend's when `fmod` is set.
  static func mod(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let type = try node.type(0)
    let worked: ElementType = type == .float32 || type == .int64 ? type : .int32
    let (a, b) = (try builder.cast(node.input(0), to: worked), try builder.cast(node.input(1), to: worked))
    var result = try builder.emit(Operation(.floorMod), [a, b])
    if node.int("fmod", default: 0) == 1 {
      // |a| mod |b| with the sign of a.
      let magnitude = try builder.emit(
        Operation(.floorMod),
        [builder.unary(.abs, builder.cast(a, to: .float32)), builder.unary(.abs, builder.cast(b, to: .float32))])
      result = try builder.cast(
        builder.mul(magnitude, builder.unary(.sign, builder.cast(a, to: .float32))), to: worked)
    }
    return [try builder.cast(result, to: type)]
  }

  static func pow(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let (base, exponent) = (try node.input(0), try node.input(1))
    let type = builder.type(base)
    if let power = builder.constantFloats(exponent) ?? builder.constantIntegers(exponent)?.map(Float.init),
      power.count == 1, type == .float32, builder.shape(exponent).count <= builder.shape(base).count
    {
      switch power[0] {
      case 1: return [base]
      case 2: return [try builder.mul(base, base)]
      case 0.5: return [try builder.unary(.sqrt, base)]
      case -0.5: return [try builder.unary(.rsqrt, base)]
      default: break
      }
    }
    let worked: ElementType = builder.type(exponent) == .float32 || type == .float32 ? .float32 : .int32
    let result = try builder.emit(
      Operation(.pow), [builder.cast(base, to: worked), builder.cast(exponent, to: worked)])
    return [try builder.cast(result, to: type)]
  }

  static func reciprocal(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    return [try node.builder.div(node.builder.scalar(1), node.input(0))]
  }

  static func clip(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    var result = try node.input(0)
    let type = try node.type(0)
    let worked: ElementType = [.int8, .uint8, .int16].contains(type) ? .int32 : type
    result = try builder.cast(result, to: worked)
    var (low, high) = (node.optional(1), node.optional(2))
    if node.opset < 11 {
      low = node.optionalFloat("min").map { builder.scalar(Double($0)) }
      high = node.optionalFloat("max").map { builder.scalar(Double($0)) }
    }
    if type == .float32, let low, let high, let minimum = builder.constantFloats(low)?.first,
      let maximum = builder.constantFloats(high)?.first
    {
      if minimum == 0 && maximum == 6 { return [try builder.unary(.relu6, result)] }
      if minimum == -1 && maximum == 1 { return [try builder.unary(.reluN1To1, result)] }
    }
    if let low { result = try builder.maximum(result, builder.cast(low, to: worked)) }
    if let high { result = try builder.minimum(result, builder.cast(high, to: worked)) }
    return [try builder.cast(result, to: type)]
  }

  static func cast(_ node: ONNXNode) throws -> [ValueID] {
    let code = Int32(clamping: node.int("to", default: 1))
    guard let target = ONNXTensor.type(code), ![.string, .int4, .uint4].contains(target), try node.type(0) != .string
    else {
      throw node.unsupported("it casts to \(ONNXTensor.name(code))", "cast to float32 or an integer type")
    }
    return [try converted(node.builder, node.input(0), to: target)]
  }

  static func castLike(_ node: ONNXNode) throws -> [ValueID] {
    [try converted(node.builder, node.input(0), to: node.type(1))]
  }

  private static func converted(_ builder: GraphBuilder, _ input: ValueID, to target: ElementType) throws -> ValueID {
    let source = builder.type(input)
    if source == target { return input }
    // The file format converts no numbers of 64 bits without a sign: they have the bits of those with one.
    if source == .uint64 { return try converted(builder, builder.bitcast(input, to: .int64), to: target) }
    if target == .uint64 { return try builder.bitcast(converted(builder, input, to: .int64), to: .uint64) }
    if target == .bool { return try builder.compare(.notEqual, input, builder.scalar(0, type: source)) }
    return try builder.cast(input, to: target)
  }

  /// Functions that identities reduce to operators of the file format.
  static func composed(_ body: @escaping @Sendable (GraphBuilder, ValueID) throws -> ValueID) -> ONNXLowering {
    { node in
      try node.requireFloat(0)
      return [try body(node.builder, node.input(0))]
    }
  }

  static let tan = composed { builder, x in try builder.div(builder.unary(.sin, x), builder.unary(.cos, x)) }

  static let sinh = composed { builder, x in
    try builder.mul(builder.sub(builder.unary(.exp, x), builder.unary(.exp, builder.unary(.neg, x))), 0.5)
  }

  static let cosh = composed { builder, x in
    try builder.mul(builder.add(builder.unary(.exp, x), builder.unary(.exp, builder.unary(.neg, x))), 0.5)
  }

  /// sign(x) ln(|x| + sqrt(x² + 1)).
  static let asinh = composed { builder, x in
    let magnitude = try builder.unary(.abs, x)
    let root = try builder.unary(.sqrt, builder.add(builder.mul(x, x), 1))
    return try builder.mul(builder.unary(.sign, x), builder.unary(.log, builder.add(magnitude, root)))
  }

  static let acosh = composed { builder, x in
    let root = try builder.unary(.sqrt, builder.add(builder.mul(x, x), -1))
    return try builder.unary(.log, builder.add(x, root))
  }

  static let atanh = composed { builder, x in
    let quotient = try builder.div(builder.add(x, 1), builder.sub(builder.scalar(1), x))
    return try builder.mul(builder.unary(.log, quotient), 0.5)
  }

  static let atan = composed { builder, x in try builder.emit(Operation(.atan2), [x, builder.broadcastOne(x)]) }

  /// atan2(x, sqrt(1 - x²)).
  static let asin = composed { builder, x in
    try builder.emit(Operation(.atan2), [x, builder.complement(x)])
  }

  static let acos = composed { builder, x in
    try builder.emit(Operation(.atan2), [builder.complement(x), x])
  }
}

extension GraphBuilder {
  /// Ones in the shape of `input`.
  fileprivate func broadcastOne(_ input: ValueID) throws -> ValueID {
    try add(mul(input, 0), 1)
  }

  /// sqrt(1 - x²).
  fileprivate func complement(_ input: ValueID) throws -> ValueID {
    try unary(.sqrt, sub(scalar(1), mul(input, input)))
  }
}
