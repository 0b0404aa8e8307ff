internal import ModelFormat

/// How a node says that integers stand for real numbers: real = (stored - zeroPoint) * scale, with one scale and zero
/// point for the tensor, for each index of an axis, or for blocks along it.
struct LinearQuantization {
  let node: ONNXNode
  let scale: ValueID
  let zeroPoint: ValueID?
  let axis: Int
  let block: Int

  static let types: [ElementType] = [.int8, .uint8, .int16]

  private var builder: GraphBuilder { node.builder }

  /// Operand `index` is the scale, the one after it the zero point.
  init(_ node: ONNXNode, _ index: Int, axis: Int = 0, block: Int = 0) throws {
    self.node = node
    scale = try node.input(index)
    zeroPoint = node.optional(index + 1)
    self.axis = axis
    self.block = block
  }

  // MARK: As the file format has it

  /// One constant scale and zero point.
  func perTensor(_ type: ElementType) -> Quantization? {
    guard Self.types.contains(type), let (scales, zeroPoints) = constants, scales.count == 1,
      type != .int16 || zeroPoints[0] == 0
    else { return nil }
    return Quantization(scales: scales, zeroPoints: zeroPoints)
  }

  /// What a constant was stored as, for the whole tensor or by channel.
  private func grid(_ value: Value) -> StatedGrid? {
    guard Self.types.contains(value.type), let (scales, zeroPoints) = constants else { return nil }
    if scales.count == 1 { return StatedGrid(value.type, Quantization(scales: scales, zeroPoints: zeroPoints)) }
    let dimension = axis < 0 ? axis + value.shape.count : axis
    guard value.shape.indices.contains(dimension), value.shape[dimension] == scales.count else { return nil }
    return StatedGrid(value.type, Quantization(scales: scales, zeroPoints: zeroPoints, dimension: dimension))
  }

  private var constants: (scales: [Float], zeroPoints: [Int32])? {
    guard let scales = builder.constantFloats(scale), scales.allSatisfy({ $0.isNormal && $0 > 0 }) else { return nil }
    guard let zeroPoint else { return (scales, Array(repeating: 0, count: scales.count)) }
    guard let stored = builder.constantIntegers(zeroPoint), stored.count == scales.count else { return nil }
    return (scales, stored.map { Int32(clamping: $0) })
  }

  // MARK: Conversion

  /// DEQUANTIZE where the file format has one, arithmetic otherwise.
  func real(_ input: ValueID) throws -> ValueID {
    let value = builder.value(input)
    if !value.isConstant, let quantization = perTensor(value.type),
      value.quantization == nil || value.quantization == quantization
    {
      builder.graph[input].quantization = quantization
      let result = try builder.emit(Operation(.dequantize), [input], type: .float32)
      builder.graph[result].statedGrid = StatedGrid(value.type, quantization)
      return result
    }
    var result = try builder.cast(input, to: .float32)
    if let zeroPoint {
      result = try builder.sub(result, spread(builder.cast(zeroPoint, to: .float32), over: value.shape))
    }
    result = try builder.mul(result, spread(builder.cast(scale, to: .float32), over: value.shape))
    if value.isConstant { builder.graph[result].statedGrid = grid(value) }
    return result
  }

  /// QUANTIZE where the file format has one; otherwise round(x / scale) + zeroPoint within the type's range.
  func stored(_ input: ValueID, as type: ElementType) throws -> ValueID {
    let shape = builder.shape(input)
    if let quantization = perTensor(type) {
      return builder.emit(
        Operation(.quantize), [input], types: [type], shapes: [shape], quantization: quantization)[0]
    }
    let scale = try builder.cast(scale, to: .float32)
    var result = try builder.unary(.round, builder.div(input, spread(scale, over: shape)))
    if let zeroPoint {
      result = try builder.add(result, spread(builder.cast(zeroPoint, to: .float32), over: shape))
    }
    return try Self.clamped(builder, result, to: type)
  }

  /// Whole numbers as a type, those beyond its range as its ends.
  static func clamped(_ builder: GraphBuilder, _ input: ValueID, to type: ElementType) throws -> ValueID {
    let limits: (Double, Double) =
      switch type {
      case .int8: (-128, 127)
      case .uint8: (0, 255)
      default: (-32768, 32767)
      }
    let low = try builder.maximum(input, builder.scalar(limits.0))
    return try builder.cast(builder.minimum(low, builder.scalar(limits.1)), to: type)
  }

  /// Scales or zero points in a shape that broadcasts to `shape`.
  private func spread(_ parameter: ValueID, over shape: [Int]) throws -> ValueID {
    let own = builder.shape(parameter)
    guard own.count > 0, own != [1] else { return try builder.reshape(parameter, []) }
    let axis = try node.normalized(axis, rank: shape.count)
    if block > 0, own.count == shape.count {
      let indices = (0..<shape[axis]).map { $0 / block }
      return try builder.emit(.gather(axis: axis), [parameter, builder.integers(indices)])
    }
    guard own.count == 1, own[0] == shape[axis] else {
      // A matrix of its own shape for each row or column broadcasts by itself.
      if own.count == shape.count, zip(own, shape).allSatisfy({ $0 == $1 || $0 == 1 }) { return parameter }
      throw node.malformed("scales \(own) do not fit \(shape) along axis \(axis)")
    }
    var wide = Array(repeating: 1, count: shape.count)
    wide[axis] = own[0]
    return try builder.reshape(parameter, wide)
  }
}
