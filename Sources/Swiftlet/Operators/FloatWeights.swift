import CKernels
import ModelFormat

/// Constant weights (input 1) and bias (input 2) of an operator with float32 activations.
struct FloatWeights {
  private let weights: ConstantView<UInt8>
  private let bias: ConstantView<UInt8>?
  private let layout: Layout

  /// What packing makes of the weights first.
  private enum Layout {
    case asStored
    /// int8 weights that stand as (depth, `columns`), turned to (columns, depth).
    case turned(count: Int, columns: Int)
    case widened(Widening)
    /// float16 weights, widened to a buffer that all of them share.
    case halves(PackingBuffer, isa: ISA)
  }

  /// Integers that become float32.
  private struct Widening {
    let type: ElementType
    let count, inner, channels: Int
    let scales: [Float]
    let zeroPoints: [Int32]

    func values(_ bytes: ConstantView<UInt8>) -> [Float] {
      (0..<count).map { index in
        let channel = scales.count == 1 ? 0 : index / inner % channels
        return Float(type.stored(bytes, index) - zeroPoints[channel]) * scales[channel]
      }
    }
  }

  /// The weights as they stand in the file.
  init(_ node: Node) throws(PrepareError) {
    weights = try Self.bytes(node, try node.input(1), .input(1))
    bias = try Self.bias(node)
    layout = .asStored
  }

  /// int8 weights that stand as (depth, `columns`), turned to (columns, depth).
  init(turned node: Node, columns: Int) throws(PrepareError) {
    let tensor = try node.input(1)
    weights = try Self.bytes(node, tensor, .input(1))
    bias = try Self.bias(node)
    layout = .turned(count: tensor.count, columns: columns)
  }

  /// int8 weights are widened to float32, one scale for all or one for each output channel. `channelsLast` says that the
  /// output channels are the last dimension of the weights, not the first. `nil` when weights or bias are computed.
  init?(constantsOf node: Node, channels: Int, channelsLast: Bool) throws(PrepareError) {
    let tensor = try node.input(1)
    let hasConstantBias = try node.optionalInput(2)?.isConstant != false
    guard tensor.isConstant && hasConstantBias else { return nil }
    if tensor.type == .float32, let halves = node.halves(tensor) {
      weights = halves
      bias = try Self.bias(node)
      layout = .halves(try node.packingBuffer(tensor.byteCount), isa: node.isa)
      return
    }
    weights = try Self.bytes(node, tensor, .input(1))
    bias = try Self.bias(node)
    guard tensor.type != .float32 else {
      layout = .asStored
      return
    }
    layout = .widened(try Self.widening(node, channels: channels, channelsLast: channelsLast))
  }

  private static func widening(_ node: Node, channels: Int, channelsLast: Bool) throws(PrepareError) -> Widening {
    let tensor = try node.input(1)
    guard tensor.type == .int8 || tensor.type == .int4 else {
      throw PrepareError(.typeUnsupported, .input(1), found: .type(tensor.type))
    }
    let scales = try scales(node, channels: channels, dimension: channelsLast ? tensor.rank - 1 : 0)
    let zeroPoints = tensor.quantization?.zeroPoints ?? []
    guard zeroPoints.count == scales.count else {
      throw PrepareError(.quantizationInvalid, .input(1), field: "number of zero points")
    }
    return Widening(
      type: tensor.type, count: tensor.count, inner: channelsLast ? 1 : max(1, tensor.count / channels),
      channels: channels, scales: scales, zeroPoints: zeroPoints)
  }

  /// The scales of the weights: one, or one for each index of `dimension`.
  static func scales(_ node: Node, channels: Int, dimension: Int) throws(PrepareError) -> [Float] {
    guard let quantization = try node.input(1).quantization, quantization.blockwise == nil else {
      throw PrepareError(.quantizationInvalid, .input(1), field: "quantization", remedy: "it needs a scale")
    }
    let count = quantization.scales.count
    guard count == 1 || count == channels else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "number of scales", found: .int(count), expected: .int(channels))
    }
    guard count == 1 || quantization.dimension == dimension else {
      throw PrepareError(
        .quantizationInvalid, .input(1), field: "quantized dimension", found: .int(quantization.dimension),
        expected: .int(dimension))
    }
    return quantization.scales
  }

  /// Refuses an output that is not float32, which the kernels would write beyond.
  static func requireFloatOutput(_ node: Node) throws(PrepareError) {
    let output = try node.output(0)
    guard output.type == .float32 else {
      throw PrepareError(.typeMismatch, .output(0), found: .type(output.type), expected: .type(.float32))
    }
  }

  private static func bytes(
    _ node: Node, _ tensor: Tensor, _ operand: PrepareError.OperandReference
  ) throws(PrepareError) -> ConstantView<UInt8> {
    guard let bytes = node.constantBytes(tensor), bytes.count >= tensor.byteCount else {
      throw PrepareError(.notConstant, operand)
    }
    return bytes
  }

  private static func bias(_ node: Node) throws(PrepareError) -> ConstantView<UInt8>? {
    guard let tensor = try node.optionalInput(2) else { return nil }
    guard tensor.type == .float32 else {
      throw PrepareError(.typeUnsupported, .input(2), found: .type(tensor.type), expected: .type(.float32))
    }
    return try bytes(node, tensor, .input(2))
  }

  /// Weights and bias at any alignment.
  func withPointers(_ body: (UnsafeRawPointer, UnsafeRawPointer?) -> Void) {
    switch layout {
    case .asStored: unsafe body(weights.base, bias?.base)
    case .turned(let count, let columns):
      let depth = count / max(1, columns)
      let turned = (0..<count).map { weights[$0 % depth * columns + $0 / depth] }
      unsafe turned.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { unsafe body(base, bias?.base) }
      }
    case .widened(let widening):
      unsafe widening.values(weights).withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { unsafe body(base, bias?.base) }
      }
    case .halves(let buffer, let isa):
      guard let floats = unsafe buffer.base else { return }  // reserved with the program
      unsafe swl_f16_to_f32(isa.value, weights.base, floats.assumingMemoryBound(to: Float.self), weights.count / 2)
      unsafe body(floats, bias?.base)
    }
  }
}

/// Float32 weights (input 1) and bias (input 2) that are packed in every run.
struct ComputedFloatWeights: Sendable {
  private let weights: Operand
  private let bias: Operand?

  init(_ node: Node) throws(PrepareError) {
    weights = try Self.operand(node, node.input(1), .input(1))
    guard let bias = try node.optionalInput(2) else {
      bias = nil
      return
    }
    self.bias = try Self.operand(node, bias, .input(2))
  }

  private static func operand(
    _ node: Node, _ tensor: Tensor, _ operand: PrepareError.OperandReference
  ) throws(PrepareError) -> Operand {
    guard tensor.type == .float32 else {
      throw PrepareError(.typeUnsupported, operand, found: .type(tensor.type), expected: .type(.float32))
    }
    return node.operand(tensor)
  }

  func withPointers(
    _ invocation: borrowing Invocation, _ body: (UnsafeRawPointer, UnsafeRawPointer?) -> Void
  ) {
    let bias = unsafe bias.map { unsafe UnsafeRawPointer(invocation.pointer($0)) }
    unsafe body(UnsafeRawPointer(invocation.pointer(weights)), bias)
  }
}
