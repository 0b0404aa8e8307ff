internal import ModelFormat

/// MatMulNBits: a product with weights of 2, 4 or 8 bits in blocks, each with a scale and a zero point.
enum PackedWeights {
  /// Operands: x, weights packed as (outputs, blocks, bytes), scales, zero points, indices of groups, bias.
  static func matMul(_ node: ONNXNode) throws -> [ValueID] {
    try node.requireFloat(0)
    let builder = node.builder
    let (inputs, outputs) = (node.int("K", default: 0), node.int("N", default: 0))
    let (bits, size) = (node.int("bits", default: 4), node.int("block_size", default: 0))
    guard [2, 4, 8].contains(bits), (1..<1 << 20).contains(size), size * bits % 8 == 0,
      (1..<1 << 24).contains(inputs), outputs > 0
    else {
      throw node.unsupported("K \(inputs), N \(outputs), \(bits) bits, blocks of \(size)", "quantize to 4 or 8 bits")
    }
    guard node.optional(4) == nil else {
      throw node.unsupported("groups in an order of their own (g_idx)", "quantize the model without it")
    }
    try node.requireModest(inputs, outputs)
    let blocks = (inputs + size - 1) / size
    guard let packed = builder.constantBytes(try node.input(1)), packed.count == outputs * blocks * size * bits / 8,
      let scales = try node.floats(2, "scales"), scales.count == outputs * blocks
    else { throw node.malformed("its weights and scales do not fit K \(inputs), N \(outputs)") }
    let zeroPoints = try zeroPoints(node, bits, outputs: outputs, blocks: blocks)
    let weights = (0..<outputs).flatMap { output in
      (0..<inputs).map { input -> Float in
        let block = output * blocks + input / size
        let stored = number(packed, (block * size + input % size) * bits, bits)
        return (Float(stored) - zeroPoints[block]) * scales[block]
      }
    }
    let bias = node.optional(5) ?? builder.constant(Array(repeating: 0, count: outputs))
    let x = try node.input(0)
    return [
      try builder.emit(
        .fullyConnected(keepsDimensions: builder.shape(x).count != 2),
        [x, builder.constant(weights, shape: [outputs, inputs]), bias])
    ]
  }

  /// One for each block: real numbers, packed as the weights are, with whole bytes for each output, or the middle.
  private static func zeroPoints(_ node: ONNXNode, _ bits: Int, outputs: Int, blocks: Int) throws -> [Float] {
    guard let id = node.optional(3) else { return Array(repeating: Float(1 << (bits - 1)), count: outputs * blocks) }
    if let floats = node.builder.constantFloats(id), floats.count == outputs * blocks { return floats }
    let row = (blocks * bits + 7) / 8
    guard let packed = node.builder.constantBytes(id), packed.count == outputs * row else {
      throw node.malformed("its zero points do not fit")
    }
    return (0..<outputs * blocks).map { block in
      Float(number(packed, block / blocks * row * 8 + block % blocks * bits, bits))
    }
  }

  /// The number of `bits` bits from bit `position` on, the lowest bits of a byte first.
  private static func number(_ bytes: [UInt8], _ position: Int, _ bits: Int) -> Int {
    Int(bytes[position / 8]) >> (position % 8) & (1 << bits - 1)
  }
}

extension GraphBuilder {
  /// The elements of a constant of unsigned bytes.
  fileprivate func constantBytes(_ id: ValueID) -> [UInt8]? {
    let value = value(id)
    return value.type == .uint8 ? value.constant?.elements(as: UInt8.self) : nil
  }
}
