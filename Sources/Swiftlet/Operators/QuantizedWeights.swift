import ModelFormat

/// Scales, zero point and bytes of the weights (input 1) and the bias (input 2) of an operator on int8 or uint8.
struct QuantizedWeights {
  /// inputScale * weightScale / outputScale for each output channel.
  let scales: [Float]
  /// One for all channels; 0 for int8, by the quantization specification.
  let zeroPoint: Int32

  init(_ node: Node, channels: Int, channelDimension: Int) throws(PrepareError) {
    let (input, weights, output) = (try node.input(0), try node.input(1), try node.output(0))
    guard let quantization = weights.quantization, quantization.blockwise == nil else {
      throw PrepareError(.quantizationInvalid, .input(1), field: "quantization", remedy: "it needs a scale")
    }
    let count = quantization.scales.count
    guard count == 1 || count == channels else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "number of scales", found: .int(count), expected: .int(channels))
    }
    guard count == 1 || quantization.dimension == channelDimension else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "quantized dimension", found: .int(quantization.dimension),
        expected: .int(channelDimension))
    }
    guard count == 1 || weights.type != .uint8 else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "number of scales", found: .int(count), expected: .int(1),
        remedy: "uint8 weights are quantized per tensor")
    }
    zeroPoint = quantization.zeroPoints.first ?? 0
    for value in quantization.zeroPoints where value != zeroPoint || (weights.type != .uint8 && value != 0) {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "zero point", found: .int(Int(value)),
        expected: .int(weights.type == .uint8 ? Int(zeroPoint) : 0))
    }
    try Self.requireScale(input, .input(0))
    try Self.requireScale(output, .output(0))
    let (inputScale, outputScale) = (input.scale, output.scale)
    let scales = quantization.scales.map { inputScale * $0 / outputScale }
    if let scale = scales.first(where: { !$0.isFinite }) {
      throw PrepareError(.quantizationInvalid, .input(1), field: "scale", found: .float(scale))
    }
    self.scales = count == 1 ? Array(repeating: scales[0], count: channels) : scales
    try Self.requireTypes(node)
  }

  private static func requireScale(_ tensor: Tensor, _ operand: PrepareError.OperandReference) throws(PrepareError) {
    guard tensor.quantization?.scales.count == 1, tensor.scale > 0 else {
      throw PrepareError(
        .quantizationInvalid, operand, field: "number of scales", found: .int(tensor.quantization?.scales.count ?? 0),
        expected: .int(1))
    }
  }

  private static func requireTypes(_ node: Node) throws(PrepareError) {
    let (input, weights) = (try node.input(0), try node.input(1))
    let isFitting = input.type == weights.type || (input.type == .int8 && weights.type == .int4)
    guard isFitting else {
      throw PrepareError(.typeUnsupported, .input(1), found: .type(weights.type), expected: .type(input.type))
    }
    guard let bias = try node.optionalInput(2), bias.type != .int32 else { return }
    throw PrepareError(.typeUnsupported, .input(2), found: .type(bias.type), expected: .type(.int32))
  }

  /// Weights and bias that stand in the file.
  struct Constants {
    fileprivate let weights: ConstantView<UInt8>
    fileprivate let bias: ConstantView<UInt8>?
    /// 4-bit weights, one to a byte.
    fileprivate let widened: [UInt8]

    /// Weights and bias at any alignment.
    func withPointers(_ body: (UnsafeRawPointer, UnsafeRawPointer?) -> Void) {
      guard widened.isEmpty else {
        unsafe widened.withUnsafeBytes { bytes in
          if let base = bytes.baseAddress { unsafe body(base, bias?.base) }
        }
        return
      }
      unsafe body(weights.base, bias?.base)
    }
  }

  /// `nil` when weights or bias are computed.
  func constants(_ node: Node) throws(PrepareError) -> Constants? {
    let tensor = try node.input(1)
    let bias = try node.optionalInput(2)
    guard let weights = node.constantBytes(tensor), weights.count >= tensor.byteCount,
      let biasBytes = Self.constantBias(node, bias)
    else {
      guard tensor.type != .int4 else { throw PrepareError(.notConstant, .input(1)) }
      return nil
    }
    let widened = tensor.type == .int4 ? Self.widen(weights, count: tensor.count) : []
    return Constants(weights: weights, bias: bias == nil ? nil : biasBytes, widened: widened)
  }

  /// The bias, or something empty when there is none; `nil` when it is computed.
  private static func constantBias(_ node: Node, _ bias: Tensor?) -> ConstantView<UInt8>? {
    guard let bias else { return unsafe ConstantView(node.model.bytes.base, count: 0) }
    guard let bytes = node.constantBytes(bias), bytes.count >= bias.byteCount else { return nil }
    return bytes
  }

  /// Two values to a byte, the low one first, in two's complement.
  private static func widen(_ packed: ConstantView<UInt8>, count: Int) -> [UInt8] {
    (0..<count).map { index in
      let nibble = packed[index / 2] >> (index % 2 == 0 ? 0 : 4) & 15
      return nibble < 8 ? nibble : nibble | 0xF0
    }
  }
}
