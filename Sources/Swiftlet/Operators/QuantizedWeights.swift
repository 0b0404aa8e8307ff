import ModelFormat

/// Scales, zero point and bytes of the weights and the bias of an operator on int8, uint8 or int16.
struct QuantizedWeights {
  let scales: QuantizedScales
  /// One for all channels; 0 for int8, by the quantization specification.
  let zeroPoint: Int32
  private let operands: Operands

  /// Positions among the inputs.
  struct Operands {
    var data = 0
    var weights = 1
    var bias = 2
  }

  /// `precision` is that of int16 with an int64 bias.
  init(
    _ node: Node, channels: Int, channelDimension: Int, precision: QuantizedScales.Precision = .reduced,
    operands: Operands = Operands()
  ) throws(PrepareError) {
    self.operands = operands
    let (input, output) = (try node.input(operands.data), try node.output(0))
    let weights = try node.input(operands.weights)
    guard let quantization = weights.quantization, quantization.blockwise == nil else {
      throw PrepareError(
        .quantizationInvalid, .input(operands.weights), field: "quantization", remedy: "it needs a scale")
    }
    let count = quantization.scales.count
    guard count == 1 || count == channels else {
      throw PrepareError(
        .quantizationInvalid, .input(operands.weights), field: "number of scales", found: .int(count),
        expected: .int(channels))
    }
    guard count == 1 || quantization.dimension == channelDimension else {
      throw PrepareError(
        .quantizationInvalid, .input(operands.weights), field: "quantized dimension",
        found: .int(quantization.dimension),
        expected: .int(channelDimension))
    }
    guard count == 1 || weights.type != .uint8 else {
      throw PrepareError(
        .quantizationInvalid, .input(operands.weights), field: "number of scales", found: .int(count),
        expected: .int(1),
        remedy: "uint8 weights are quantized per tensor")
    }
    zeroPoint = weights.zeroPoint
    let expected = weights.type == .uint8 ? zeroPoint : 0
    let zeroPoints = quantization.zeroPoints
    for index in zeroPoints.indices where zeroPoints[index] != expected {
      throw PrepareError(
        .quantizationInvalid, .input(operands.weights), field: "zero point", found: .int(Int(zeroPoints[index])),
        expected: .int(Int(expected)))
    }
    try Self.requireScale(input, .input(operands.data))
    try Self.requireScale(output, .output(0))
    try Self.requireTypes(node, operands)
    if input.type == .int16 {
      try Self.requireSymmetric(input, .input(operands.data))
      try Self.requireSymmetric(output, .output(0))
      let isShort = try node.optionalInput(operands.bias)?.type == .int32
      scales = try QuantizedScales(
        double: quantization.scales, input: input.scale, output: output.scale, channels: channels,
        isShort ? .full : precision, node)
    } else {
      scales = try QuantizedScales(
        float: quantization.scales, input: input.scale, output: output.scale, channels: channels,
        .input(operands.weights))
    }
  }

  private static func requireSymmetric(
    _ tensor: Tensor, _ operand: PrepareError.OperandReference
  ) throws(PrepareError) {
    guard tensor.zeroPoint != 0 else { return }
    throw PrepareError(
      .quantizationInvalid, operand, field: "zero point", found: .int(Int(tensor.zeroPoint)), expected: .int(0))
  }

  private static func requireScale(_ tensor: Tensor, _ operand: PrepareError.OperandReference) throws(PrepareError) {
    guard tensor.quantization?.scales.count == 1, tensor.scale > 0 else {
      throw PrepareError(
        .quantizationInvalid, operand, field: "number of scales", found: .int(tensor.quantization?.scales.count ?? 0),
        expected: .int(1))
    }
  }

  private static func requireTypes(_ node: Node, _ operands: Operands) throws(PrepareError) {
    let (input, weights) = (try node.input(operands.data), try node.input(operands.weights))
    let isFitting =
      input.type == .uint8
      ? weights.type == .uint8 : weights.type == .int8 || weights.type == .int4 || weights.type == .int2
    guard isFitting else {
      throw PrepareError(
        .typeUnsupported, .input(operands.weights), found: .type(weights.type),
        expected: .type(input.type == .uint8 ? .uint8 : .int8))
    }
    guard let bias = try node.optionalInput(operands.bias) else { return }
    let isFittingBias = bias.type == .int32 || (bias.type == .int64 && input.type == .int16)
    guard isFittingBias else {
      throw PrepareError(
        .typeUnsupported, .input(operands.bias), found: .type(bias.type),
        expected: .type(input.type == .int16 ? .int64 : .int32))
    }
  }

  /// Refuses a bias of another type than the option `quantized_bias_type` in `field` names; 0 names none.
  static func requireBias(_ node: Node, _ position: Int = 2, ofTypeIn field: Int) throws(PrepareError) {
    let code = node.options.int8(field)
    guard code != 0, let bias = try node.optionalInput(position) else { return }
    guard bias.type.rawValue == code else {
      throw PrepareError(
        .typeMismatch, .input(position), found: .type(bias.type),
        expected: .type(ElementType(rawValue: UInt8(truncatingIfNeeded: code))))
    }
  }

  /// Weights and bias that stand in the file.
  struct Constants {
    fileprivate let weights: ConstantView<UInt8>
    fileprivate let bias: ConstantView<UInt8>?

    /// Weights and bias at any alignment.
    func withPointers(_ body: (UnsafeRawPointer, UnsafeRawPointer?) -> Void) {
      unsafe body(weights.base, bias?.base)
    }

    /// The biases as integers; `isWide` says that the file has int64 rather than int32.
    func biases(count: Int, isWide: Bool) -> [Int64] {
      guard let bias else { return [Int64](repeating: 0, count: count) }
      return (0..<count).map { index in
        unsafe isWide
          ? bias.base.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self)
          : Int64(bias.base.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))
      }
    }
  }

  /// `nil` when weights or bias are computed.
  func constants(_ node: Node) throws(PrepareError) -> Constants? {
    let tensor = try node.input(operands.weights)
    let bias = try node.optionalInput(operands.bias)
    guard let weights = node.constantBytes(tensor), weights.count >= tensor.byteCount,
      let biasBytes = Self.constantBias(node, bias)
    else { return nil }
    return Constants(weights: weights, bias: bias == nil ? nil : biasBytes)
  }

  /// The bias, or something empty when there is none; `nil` when it is computed.
  private static func constantBias(_ node: Node, _ bias: Tensor?) -> ConstantView<UInt8>? {
    guard let bias else { return unsafe ConstantView(node.model.bytes.base, count: 0) }
    guard let bytes = node.constantBytes(bias), bytes.count >= bias.byteCount else { return nil }
    return bytes
  }
}
