import CKernels
import ModelFormat

/// What elementwise operators check alike.
extension Node {
  /// Refuses operand `tensor` unless its type is one of these, given one by one, as a list would have to be allocated.
  func expectType(
    of tensor: Tensor, _ operand: PrepareError.OperandReference, among first: ElementType,
    _ second: ElementType? = nil, _ third: ElementType? = nil, _ fourth: ElementType? = nil,
    _ fifth: ElementType? = nil, _ sixth: ElementType? = nil, _ seventh: ElementType? = nil
  ) throws(PrepareError) {
    let type = tensor.type
    guard
      type == first || type == second || type == third || type == fourth || type == fifth || type == sixth
        || type == seventh
    else { throw PrepareError(.typeUnsupported, operand, found: .type(type), expected: .type(first)) }
  }

  /// Refuses operand `tensor` unless its type is that of `reference`.
  func expectType(
    of tensor: Tensor, _ operand: PrepareError.OperandReference, toBeThatOf reference: Tensor
  ) throws(PrepareError) {
    guard tensor.type == reference.type else {
      throw PrepareError(.typeMismatch, operand, found: .type(tensor.type), expected: .type(reference.type))
    }
  }

  /// The parameters of a tensor quantized per tensor; refuses one without a scale, and 16 bits with a zero point.
  func quantizationPerTensor(
    _ tensor: Tensor, _ operand: PrepareError.OperandReference
  ) throws(PrepareError) -> TensorQuantization {
    guard let quantization = tensor.quantization, quantization.scales.count == 1, tensor.scale > 0,
      tensor.scale.isFinite
    else {
      throw PrepareError(
        .quantizationInvalid, operand, field: "number of scales", found: .int(tensor.quantization?.scales.count ?? 0),
        expected: .int(1), remedy: "quantize the tensor per tensor when converting")
    }
    guard tensor.type != .int16 || tensor.zeroPoint == 0 else {
      throw PrepareError(
        .quantizationInvalid, operand, field: "zero point", found: .int(Int(tensor.zeroPoint)), expected: .int(0))
    }
    return TensorQuantization(type: tensor.type, scale: tensor.scale, zeroPoint: tensor.zeroPoint)
  }

  /// `value`, a ratio of scales, in fixed point.
  func fixedPoint(_ value: Double) throws(PrepareError) -> QuantizedMultiplier {
    guard let multiplier = QuantizedMultiplier(value) else {
      throw PrepareError(.quantizationInvalid, .output(0), field: "ratio of scales", found: .float(Float(value)))
    }
    return multiplier
  }

  /// Where `tensor` will be while running, at an address that is a multiple of its elements' size: a constant that the
  /// file stores elsewhere is copied.
  func alignedOperand(_ tensor: Tensor) throws(PrepareError) -> Operand {
    guard tensor.isConstant, let bytes = constantBytes(tensor), tensor.type.bitWidth > 8 else {
      return operand(tensor)
    }
    guard unsafe UInt(bitPattern: bytes.base) % UInt(tensor.type.bitWidth / 8) != 0 else { return operand(tensor) }
    return unsafe try packed(bytes.count, key: -1 - tensor.index) { copy in
      unsafe copy.copyMemory(from: bytes.base, byteCount: bytes.count)
    }
  }
}

/// Scale and zero point of all elements of a tensor.
struct TensorQuantization: Sendable, BitwiseCopyable {
  let type: ElementType
  let scale: Float
  let zeroPoint: Int32

  /// The numbers that the type can store.
  var range: ClosedRange<Int32> { type.quantizedRange }

  /// The stored numbers that `limits` allows.
  func limits(_ limits: ActivationLimits) -> ClosedRange<Int32> {
    limits.quantized(scale: scale, zeroPoint: zeroPoint, lowest: range.lowerBound, highest: range.upperBound)
  }

  /// The number that a stored one stands for.
  func real(_ stored: Int32) -> Float { scale * Float(stored - zeroPoint) }

  /// The stored number for `real`, which is scaled by the inverse of the scale and rounded half away from zero, as
  /// TensorFlow Lite fills its look-up tables; NaN gives the lowest.
  func stored(_ real: Float) -> Int32 {
    let scaled = real * (1 / scale)
    if type.bitWidth == 8 {
      return min(max(scaled.roundedAwayFromZero(limit: 1024) + zeroPoint, range.lowerBound), range.upperBound)
    }
    let value = scaled.rounded(.toNearestOrAwayFromZero) + Float(zeroPoint)
    if !(value > Float(range.lowerBound)) { return range.lowerBound }
    return value >= Float(range.upperBound) ? range.upperBound : Int32(value)
  }
}

extension Float {
  /// The nearest integer, halves away from zero, after clamping to `-limit...limit`; NaN gives the lowest. Exact for limits
  /// that float32 holds with their halves, and without a call where the instruction set cannot round.
  func roundedAwayFromZero(limit: Float) -> Int32 {
    let clamped = Double(self > limit ? limit : self > -limit ? self : -limit)
    return Int32(clamped + (clamped < 0 ? -0.5 : 0.5))
  }
}

extension ElementType {
  /// The numbers that a quantized tensor of 8 or 16 bits can store; of int32 for every other type.
  var quantizedRange: ClosedRange<Int32> {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32768...32767
    default: Int32.min...Int32.max
    }
  }

  var isQuantized: Bool { self == .int8 || self == .uint8 || self == .int16 }

  /// The type as kernels know it; `nil` for those that have no elementwise arithmetic.
  var kernelType: swl_type? {
    switch self {
    case .float32: SWL_F32
    case .int8: SWL_I8
    case .uint8: SWL_U8
    case .int16: SWL_I16
    case .int32: SWL_I32
    case .int64: SWL_I64
    default: nil
    }
  }
}
