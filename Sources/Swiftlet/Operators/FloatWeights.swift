import ModelFormat

/// Constant weights (input 1) and bias (input 2) of an operator with float32 activations.
///
/// int8 weights are widened to float32, one scale for all or one for each output channel. TensorFlow Lite quantizes the
/// activations of such a "hybrid" operator to 8 bits at run time instead; the difference is its rounding error.
struct FloatWeights {
  private let weights: ConstantView<UInt8>
  private let bias: ConstantView<UInt8>?
  private let widened: [Float]

  /// `channelsLast` says that the output channels are the last dimension of the weights, not the first.
  init(_ node: Node, channels: Int, channelsLast: Bool) throws(PrepareError) {
    let tensor = try node.input(1)
    guard let bytes = node.constantBytes(tensor), bytes.count >= tensor.byteCount else {
      throw PrepareError(.notConstant, .input(1))
    }
    weights = bytes
    bias = try Self.bias(node)
    guard tensor.type == .int8 else {
      guard tensor.type == .float32 else { throw PrepareError(.typeUnsupported, .input(1), found: .type(tensor.type)) }
      widened = []
      return
    }
    let scales = tensor.quantization?.scales ?? []
    let zeroPoints = tensor.quantization?.zeroPoints ?? []
    guard scales.count == 1 || scales.count == channels, zeroPoints.count == scales.count else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "number of scales", found: .int(scales.count), expected: .int(channels))
    }
    let inner = channelsLast ? 1 : max(1, tensor.count / channels)
    widened = (0..<tensor.count).map { index in
      let channel = scales.count == 1 ? 0 : index / inner % channels
      let stored = Int32(Int8(bitPattern: bytes[index]))
      return Float(stored - zeroPoints[channel]) * scales[channel]
    }
  }

  private static func bias(_ node: Node) throws(PrepareError) -> ConstantView<UInt8>? {
    guard let tensor = try node.optionalInput(2) else { return nil }
    guard tensor.type == .float32 else {
      throw PrepareError(.typeUnsupported, .input(2), found: .type(tensor.type), expected: .type(.float32))
    }
    guard let bytes = node.constantBytes(tensor), bytes.count >= tensor.byteCount else {
      throw PrepareError(.notConstant, .input(2))
    }
    return bytes
  }

  /// Float32 weights and bias at any alignment.
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
