import ModelFormat

/// What operators that compute on whole tensors check alike.
extension Node {
  /// Refuses `tensor` unless its type is one of these; a quantized one needs parameters.
  func require(
    _ tensor: Tensor, _ operand: PrepareError.OperandReference, among first: ElementType,
    _ second: ElementType? = nil, _ third: ElementType? = nil, _ fourth: ElementType? = nil,
    _ fifth: ElementType? = nil, _ sixth: ElementType? = nil
  ) throws(PrepareError) {
    try expectType(of: tensor, operand, among: first, second, third, fourth, fifth, sixth)
    guard Self.isQuantizedType(tensor.type) else { return }
    try requireQuantization(tensor, operand)
  }

  /// Refuses `tensor` unless its type is that of `reference`; a quantized one needs parameters of its own.
  func require(
    _ tensor: Tensor, _ operand: PrepareError.OperandReference, ofTypeOf reference: Tensor
  ) throws(PrepareError) {
    guard tensor.type == reference.type else {
      throw PrepareError(.typeMismatch, operand, found: .type(tensor.type), expected: .type(reference.type))
    }
    guard Self.isQuantizedType(tensor.type) else { return }
    try requireQuantization(tensor, operand)
  }

  /// Refuses a tensor without one scale for all its elements; one of 16 bits has zero point 0.
  func requireQuantization(
    _ tensor: Tensor, _ operand: PrepareError.OperandReference
  ) throws(PrepareError) {
    guard let quantization = tensor.quantization, quantization.scales.count == 1, tensor.scale > 0,
      tensor.scale.isFinite
    else {
      throw PrepareError(
        .quantizationInvalid, operand, field: "number of scales", found: .int(tensor.quantization?.scales.count ?? 0),
        expected: .int(1))
    }
    guard tensor.type != .int16 || tensor.zeroPoint == 0 else {
      throw PrepareError(
        .quantizationInvalid, operand, field: "zero point", found: .int(Int(tensor.zeroPoint)), expected: .int(0))
    }
  }

  /// Refuses an output whose quantization is not that of `input`, for operators that keep stored values.
  func requireSameQuantization(
    _ output: Tensor, as input: Tensor, _ operand: PrepareError.OperandReference
  ) throws(PrepareError) {
    guard Self.isQuantizedType(input.type), !output.hasQuantization(of: input) else { return }
    guard output.zeroPoint == input.zeroPoint else {
      throw PrepareError(
        .quantizationInvalid, operand, field: "zero point", found: .int(Int(output.zeroPoint)),
        expected: .int(Int(input.zeroPoint)))
    }
    throw PrepareError(
      .quantizationInvalid, operand, field: "scale", found: .float(output.scale), expected: .float(input.scale))
  }

  /// Refuses a tensor of another rank.
  func require(
    _ tensor: Tensor, _ operand: PrepareError.OperandReference, rank: Int
  ) throws(PrepareError) {
    guard tensor.rank == rank else {
      throw PrepareError(.shapeMismatch, operand, field: "rank", found: .int(tensor.rank), expected: .int(rank))
    }
  }

  static func isQuantizedType(_ type: ElementType) -> Bool {
    type == .int8 || type == .uint8 || type == .int16
  }

  /// A real multiplier of a quantized operator in fixed point.
  func multiplier(
    _ value: Double, _ operand: PrepareError.OperandReference = .output(0)
  ) throws(PrepareError) -> QuantizedMultiplier {
    guard let multiplier = QuantizedMultiplier(value) else {
      throw PrepareError(.quantizationInvalid, operand, field: "ratio of scales", found: .float(Float(value)))
    }
    return multiplier
  }
}

extension ElementType {
  /// The range of the quantized types of 8 and 16 bits; of int16 for every other type.
  var storedRange: ClosedRange<Int32> {
    self == .int8 ? -128...127 : self == .uint8 ? 0...255 : -32768...32767
  }
}

extension Invocation {
  /// The elements of `operand`, for kernels in C.
  @inline(__always)
  func elements<Element: BitwiseCopyable>(
    _ operand: Operand, as: Element.Type
  ) -> UnsafeMutablePointer<Element> {
    unsafe pointer(operand).assumingMemoryBound(to: Element.self)
  }
}
