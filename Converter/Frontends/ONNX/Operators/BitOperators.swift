internal import ModelFormat

/// Operators on the bits of integers. The file format has an exclusive or and shifts to the right, of at most 32 bits;
/// numbers of 64 bits are two words, and the other operators follow from these.
enum BitOperators {
  /// How the bits of both operands are combined, as int32.
  typealias Combination = @Sendable (GraphBuilder, ValueID, ValueID) throws -> ValueID

  static func binary(_ combination: @escaping Combination) -> ONNXLowering {
    { node in
      let type = try node.type(0)
      guard try node.type(1) == type else { throw node.malformed("its operands are of different types") }
      let operands = try [0, 1].map { try words(node, node.input($0)) }
      return [try numbers(node, combination(node.builder, operands[0], operands[1]), type)]
    }
  }

  static func not(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let turned = try exclusiveOr(builder, words(node, node.input(0)), builder.scalar(-1, type: .int32))
    // Words of fewer bits than 32 that have no sign are counted down from their largest.
    switch try node.type(0) {
    case .uint8: return [try builder.cast(builder.add(turned, 0x1p8), to: .uint8)]
    case .uint16: return [try builder.cast(builder.add(turned, 0x1p16), to: .uint16)]
    case let type: return [try numbers(node, turned, type)]
    }
  }

  static let exclusiveOr: Combination = { builder, a, b in try builder.emit(Operation(.bitwiseXor), [a, b]) }

  /// Without the last bit a + b is twice the common bits and the different ones; that of the last bits is their product.
  static let and: Combination = { builder, a, b in
    let one = builder.scalar(1, type: .int32)
    let halves = try [a, b].map { try builder.emit(Operation(.rightShift), [$0, one]) }
    let different = try exclusiveOr(builder, halves[0], halves[1])
    let common = try builder.sub(builder.add(halves[0], halves[1]), different)
    let last = try zip([a, b], halves).map { try builder.sub($0, builder.mul($1, 2)) }
    return try builder.add(common, builder.mul(last[0], last[1]))
  }

  /// What only one of both has and what both have share no bit.
  static let or: Combination = { builder, a, b in
    try builder.add(exclusiveOr(builder, a, b), and(builder, a, b))
  }

  /// The bits as int32, numbers of 64 bits as two of them in a further dimension.
  private static func words(_ node: ONNXNode, _ id: ValueID) throws -> ValueID {
    let builder = node.builder
    switch builder.type(id) {
    case .int32: return id
    case .int8, .uint8, .int16, .uint16: return try builder.cast(id, to: .int32)
    case .uint32: return builder.bitcast(id, to: .int32)
    case .int64, .uint64:
      return builder.emit(Operation(.bitcast), [id], types: [.int32], shapes: [builder.shape(id) + [2]])[0]
    case let type: throw node.unsupported("bits of \(type.name)", "use integers")
    }
  }

  /// The way back to `type`.
  private static func numbers(_ node: ONNXNode, _ words: ValueID, _ type: ElementType) throws -> ValueID {
    let builder = node.builder
    switch type {
    case .uint32: return builder.bitcast(words, to: .uint32)
    case .int64, .uint64:
      let shape = Array(builder.shape(words).dropLast())
      return builder.emit(Operation(.bitcast), [words], types: [type], shapes: [shape])[0]
    default: return try builder.cast(words, to: type)
    }
  }

  /// By a number that is known; bits that leave are lost.
  static func shift(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let type = try node.type(0)
    guard let width = [ElementType.uint8: 8, .uint16: 16, .uint32: 32, .uint64: 64][type] else {
      throw node.unsupported("bits of \(type.name)", "use unsigned integers")
    }
    guard let given = try node.integers(1, "shift"), let amount = given.first, given.allSatisfy({ $0 == amount }),
      try given.count == 1 && node.shape(1).count <= node.shape(0).count || node.shape(1) == node.shape(0), amount >= 0
    else { throw node.unsupported("shifts by different numbers", "shift all elements by one number") }
    let words = try words(node, node.input(0))
    let isLeft = node.string("direction", default: "") == "LEFT"
    guard amount < width else { return [try numbers(node, builder.mul(words, 0), type)] }
    guard width == 64 else {
      let moved = isLeft ? try raised(builder, words, amount) : try lowered(builder, words, amount)
      let mask = builder.scalar(Double((1 << width) - 1), type: .int32)
      return [try numbers(node, isLeft && width < 32 ? and(builder, moved, mask) : moved, type)]
    }
    let axis = builder.shape(words).count - 1
    let halves = try [0, 1].map { try builder.part(words, axis: axis, $0, of: 2) }
    let (near, far) = isLeft ? (halves[1], halves[0]) : (halves[0], halves[1])
    let move = isLeft ? raised : lowered
    let moveBack = isLeft ? lowered : raised
    let rest = amount < 32 ? try move(builder, far, amount) : try builder.mul(far, 0)
    var mixed = amount < 32 ? try move(builder, near, amount) : try move(builder, far, amount - 32)
    if amount > 0, amount < 32 { mixed = try builder.add(mixed, moveBack(builder, far, 32 - amount)) }
    return [try numbers(node, builder.concatenate(isLeft ? [rest, mixed] : [mixed, rest], axis: axis), type)]
  }

  /// int32 words shifted to the left by less than 32.
  private static func raised(_ builder: GraphBuilder, _ words: ValueID, _ amount: Int) throws -> ValueID {
    let factor = ConstantBytes(elements: [Int32(truncatingIfNeeded: 1 << amount)])
    return try builder.mul(words, builder.constant(factor, type: .int32, shape: []))
  }

  /// int32 words shifted to the right by less than 32, with zeros from the left.
  private static func lowered(_ builder: GraphBuilder, _ words: ValueID, _ amount: Int) throws -> ValueID {
    if amount == 0 { return words }
    let moved = try builder.emit(
      Operation(.rightShift), [builder.bitcast(words, to: .uint32), builder.scalar(Double(amount), type: .uint32)])
    return builder.bitcast(moved, to: .int32)
  }
}
