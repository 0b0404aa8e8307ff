internal import ModelFormat

/// From real numbers to integers and back.
enum QuantizationOperators {
  static func quantize(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let type = node.optional(2).map { node.builder.type($0) } ?? quantizedType(node)
    guard LinearQuantization.types.contains(type) else {
      throw node.unsupported("it quantizes to \(type.name)", "use int8, uint8 or int16")
    }
    return [try parameters(node).stored(node.input(0), as: type)]
  }

  private static func quantizedType(_ node: ONNXNode) -> ElementType {
    ONNXTensor.type(Int32(clamping: node.int("output_dtype", default: 2))) ?? .uint8
  }

  static func dequantize(_ node: ONNXNode) throws -> [ValueID] {
    [try parameters(node).real(node.input(0))]
  }

  private static func parameters(_ node: ONNXNode) throws -> LinearQuantization {
    try LinearQuantization(node, 1, axis: node.int("axis", default: 1), block: node.int("block_size", default: 0))
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
    let rounded = try builder.unary(.round, builder.div(builder.sub(zero, low), scale))
    let shift = try builder.minimum(builder.maximum(rounded, zero), builder.scalar(255))
    let stored = try builder.add(builder.unary(.round, builder.div(x, scale)), shift)
    return [
      try LinearQuantization.clamped(builder, stored, to: .uint8), scale, try builder.cast(shift, to: .uint8),
    ]
  }
}
