internal import ModelFormat

/// Quantized tensors: QUANTIZE and DEQUANTIZE where one scale holds for a whole computed tensor, arithmetic in float32
/// elsewhere. Products of quantized matrices are computed from their real values.
enum QuantizationOperators {
  static func quantize(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let type = node.optional(2).map { node.builder.type($0) } ?? quantizedType(node)
    guard [.int8, .uint8, .int16].contains(type) else {
      throw node.unsupported("it quantizes to \(type.name)", "use int8, uint8 or int16")
    }
    if let quantization = tensorQuantization(node, 1, type) {
      let input = try node.input(0)
      let output = node.builder.emit(
        Operation(.quantize), [input], types: [type], shapes: [node.builder.shape(input)], quantization: quantization)
      return [output[0]]
    }
    return [
      try rounded(node, node.input(0), scale: node.input(1), zeroPoint: node.optional(2), type, shape: node.shape(0))
    ]
  }

  private static func quantizedType(_ node: ONNXNode) -> ElementType {
    ONNXTensor.type(Int32(clamping: node.int("output_dtype", default: 2))) ?? .uint8
  }

  static func dequantize(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let input = try node.input(0)
    let type = builder.type(input)
    let known = builder.value(input).quantization
    if [.int8, .uint8, .int16].contains(type), !builder.value(input).isConstant,
      let quantization = tensorQuantization(node, 1, type), known == nil || known == quantization
    {
      builder.graph[input].quantization = quantization
      return [try builder.emit(Operation(.dequantize), [input], type: .float32)]
    }
    return [try real(node, input, scale: node.input(1), zeroPoint: node.optional(2), shape: builder.shape(input))]
  }

  /// One constant scale and zero point, operands `index` and `index + 1`.
  private static func tensorQuantization(_ node: ONNXNode, _ index: Int, _ type: ElementType) -> Quantization? {
    guard let scale = node.optional(index).flatMap({ node.builder.constantFloats($0) }), scale.count == 1,
      scale[0].isNormal, scale[0] > 0
    else { return nil }
    var zeroPoint: Int32 = 0
    if let id = node.optional(index + 1) {
      guard let stored = node.builder.constantIntegers(id)?.first else { return nil }
      zeroPoint = Int32(clamping: stored)
    }
    guard type != .int16 || zeroPoint == 0 else { return nil }
    return Quantization(scales: scale, zeroPoints: [zeroPoint])
  }

  // MARK: Arithmetic

  /// Scales or zero points of an axis, or of blocks along it, in a shape that broadcasts to `shape`.
  private static func spread(_ node: ONNXNode, _ parameter: ValueID, over shape: [Int]) throws -> ValueID {
    let builder = node.builder
    let own = builder.shape(parameter)
    guard own.count > 0, own != [1] else { return parameter }
    let axis = try node.normalized(node.int("axis", default: 1), rank: shape.count)
    let block = node.int("block_size", default: 0)
    if block > 0, own.count == shape.count {
      let indices = (0..<shape[axis]).map { $0 / block }
      return try builder.emit(.gather(axis: axis), [parameter, builder.integers(indices)])
    }
    guard own.count == 1, own[0] == shape[axis] else {
      throw node.malformed("scales \(own) do not fit \(shape) along axis \(axis)")
    }
    var wide = Array(repeating: 1, count: shape.count)
    wide[axis] = own[0]
    return try builder.reshape(parameter, wide)
  }

  /// (x - zeroPoint) * scale.
  private static func real(
    _ node: ONNXNode, _ input: ValueID, scale: ValueID, zeroPoint: ValueID?, shape: [Int]
  ) throws -> ValueID {
    let builder = node.builder
    var result = try builder.cast(input, to: .float32)
    if let zeroPoint {
      result = try builder.sub(result, spread(node, builder.cast(zeroPoint, to: .float32), over: shape))
    }
    return try builder.mul(result, spread(node, builder.cast(scale, to: .float32), over: shape))
  }

  /// round(x / scale) + zeroPoint within the type's range.
  private static func rounded(
    _ node: ONNXNode, _ input: ValueID, scale: ValueID, zeroPoint: ValueID?, _ type: ElementType, shape: [Int]
  ) throws -> ValueID {
    let builder = node.builder
    var result = try builder.unary(.round, builder.div(input, spread(node, scale, over: shape)))
    if let zeroPoint {
      result = try builder.add(result, spread(node, builder.cast(zeroPoint, to: .float32), over: shape))
    }
    let limits: (Double, Double) =
      switch type {
      case .int8: (-128, 127)
      case .uint8: (0, 255)
      default: (-32768, 32767)
      }
    let clamped = try builder.minimum(builder.maximum(result, builder.scalar(limits.0)), builder.scalar(limits.1))
    return try builder.cast(clamped, to: type)
  }

  /// Scale and zero point from the data: uint8 over the range that holds zero.
  static func dynamicQuantize(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let x = try node.input(0)
    let axes = Array(builder.shape(x).indices)
    let zero = builder.scalar(0)
    let low = try builder.minimum(builder.reduce(.reduceMin, x, axes: axes, keepsDimensions: false), zero)
    let high = try builder.maximum(builder.reduce(.reduceMax, x, axes: axes, keepsDimensions: false), zero)
    let scale = try builder.mul(builder.sub(high, low), 1 / 255.0)
    let shifted = try builder.unary(.round, builder.div(builder.sub(zero, low), scale))
    let zeroPoint = try builder.cast(
      builder.minimum(builder.maximum(shifted, zero), builder.scalar(255)), to: .uint8)
    return [
      try rounded(node, x, scale: scale, zeroPoint: zeroPoint, .uint8, shape: builder.shape(x)), scale, zeroPoint,
    ]
  }

  /// Operands: a, scale, zero point, b, scale, zero point, result's scale and zero point.
  static func linearMatMul(_ node: ONNXNode) throws -> [ValueID] {
    let operands = try [0, 3].map { index in
      try real(
        node, node.input(index), scale: scalar(node, index + 1), zeroPoint: scalar(node, index + 2),
        shape: node.shape(index))
    }
    let product = try MatrixOperators.product(node.builder, operands[0], operands[1])
    return [try requantized(node, product)]
  }

  private static func requantized(_ node: ONNXNode, _ result: ValueID) throws -> ValueID {
    try rounded(
      node, result, scale: node.builder.cast(scalar(node, 6), to: .float32), zeroPoint: scalar(node, 7), node.type(7),
      shape: node.builder.shape(result))
  }

  /// Parameter `index`, which holds for the whole tensor.
  private static func scalar(_ node: ONNXNode, _ index: Int) throws -> ValueID {
    let id = try node.input(index)
    guard node.builder.value(id).count == 1 else {
      throw node.unsupported("scales by row or column", "use DequantizeLinear, MatMul or Conv, and QuantizeLinear")
    }
    return id
  }

  static func linearConv(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let data = try real(
      node, node.input(0), scale: scalar(node, 1), zeroPoint: scalar(node, 2), shape: node.shape(0))
    let outputs = try node.shape(3)
    // Scales of the weights belong to the outputs, which come first.
    let parameter = { (index: Int) throws -> ValueID in
      let id = try node.input(index)
      guard builder.value(id).count > 1 else { return id }
      return try builder.reshape(id, [outputs[0]] + Array(repeating: 1, count: outputs.count - 1))
    }
    let shifted = try builder.sub(
      builder.cast(node.input(3), to: .float32), builder.cast(parameter(5), to: .float32))
    let weights = try builder.mul(shifted, parameter(4))
    var bias: ValueID?
    if let stored = node.optional(8) {
      let factor = try builder.mul(builder.reshape(node.input(1), []), node.input(4))
      bias = try builder.mul(builder.cast(stored, to: .float32), factor)
    }
    let convolution = ONNXNode(
      proto: node.proto, builder: builder, opset: node.opset, inputs: [data, weights, bias])
    return [try requantized(node, ConvolutionOperators.conv(convolution)[0])]
  }

  static func convInteger(_ node: ONNXNode) throws -> [ValueID] {
    let builder = node.builder
    let operands = try [0, 1].map { index -> ValueID in
      let floats = try builder.cast(node.input(index), to: .float32)
      guard let zeroPoint = node.optional(index + 2) else { return floats }
      return try builder.sub(floats, builder.cast(builder.reshape(zeroPoint, []), to: .float32))
    }
    let convolution = ONNXNode(proto: node.proto, builder: builder, opset: node.opset, inputs: operands)
    return [try builder.cast(ConvolutionOperators.conv(convolution)[0], to: .int32)]
  }
}
