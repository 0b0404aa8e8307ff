import CKernels
import ModelFormat

/// QUANTIZE: float32 to int8, uint8 or int16, also per channel; or from one quantization to another, from int8, uint8,
/// int16 or int32 to int8, uint8 or int16, and from int16 to int32.
///
/// From float32: `round(x / scale) + zeroPoint`, halves away from zero, saturated; NaN gives the lowest number. Between
/// integers the ratio of the scales is a fixed-point multiplier, rounded twice; within int8 or within uint8 it is a
/// multiple of 1/256 where it lies in 1/256...128, as in XNNPACK: at most one unit from the reference.
package enum Quantize: AdaptableOperator {
  package struct Plan: Sendable {
    var operands: UnaryOperands
    let kernel: Kernel
    let isa: swl_isa
  }

  enum Kernel: Sendable {
    case real(bytes: Int, swl_quantize_params)
    case realPerChannel(bytes: Int, isSigned: Bool, ChannelTable)
    case table8(Operand)
    case table16(Operand)
    case rescaled(from: Int, to: Int, swl_requantize_params)
  }

  package static func infer(_ node: Node) throws(PrepareError) { try UnaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .float32, .int8, .uint8, .int16, .int32)
    let kernel = input.type == .float32 ? try realKernel(node, output) : try integerKernel(node, input, output)
    return Plan(operands: try UnaryOperands(node), kernel: kernel, isa: node.isa.value)
  }

  private static func realKernel(_ node: Node, _ output: Tensor) throws(PrepareError) -> Kernel {
    try node.expectType(of: output, .output(0), among: .int8, .uint8, .int16)
    let bytes = output.type.bitWidth / 8
    if let channels = try ChannelTable(node, output, .output(0)) {
      return .realPerChannel(bytes: bytes, isSigned: output.type != .uint8, channels)
    }
    let quantization = try node.quantizationPerTensor(output, .output(0))
    return .real(
      bytes: bytes,
      swl_quantize_params(
        scale: quantization.scale, zero_point: quantization.zeroPoint, minimum: quantization.range.lowerBound,
        maximum: quantization.range.upperBound))
  }

  private static func integerKernel(_ node: Node, _ input: Tensor, _ output: Tensor) throws(PrepareError) -> Kernel {
    if input.type == .int16 {
      try node.expectType(of: output, .output(0), among: .int8, .uint8, .int16, .int32)
    } else {
      try node.expectType(of: output, .output(0), among: .int8, .uint8, .int16)
    }
    let from = try node.quantizationPerTensor(input, .input(0))
    let to = try node.quantizationPerTensor(output, .output(0))
    let ratio = try node.fixedPoint(Double(from.scale) / Double(to.scale))
    guard input.type.bitWidth == 8 else {
      return .rescaled(
        from: input.type.bitWidth / 8, to: output.type.bitWidth / 8,
        swl_requantize_params(
          multiplier: ratio.c, input_zero_point: from.zeroPoint, output_zero_point: to.zeroPoint,
          minimum: to.range.lowerBound, maximum: to.range.upperBound))
    }
    let rescale =
      (input.type == output.type ? coarseRescaling(from, to) : nil)
      ?? UnaryTable.rescaling(from, to, ratio, to: to.range)
    switch output.type {
    case .int16: return .table16(try UnaryTable.operand(node, from) { Int16(truncatingIfNeeded: rescale($0)) })
    default: return .table8(try UnaryTable.operand(node, from) { UInt8(truncatingIfNeeded: rescale($0)) })
    }
  }

  /// `((stored - zeroPoint) * round(256 * ratio) + 128) >> 8`, where the ratio of the scales allows it.
  private static func coarseRescaling(_ from: TensorQuantization, _ to: TensorQuantization) -> ((Int32) -> Int32)? {
    let ratio = from.scale / to.scale
    guard ratio >= 1 / 256, ratio <= 128 else { return nil }
    let multiplier = Int32((256 * ratio).rounded(.toNearestOrEven))
    return { stored in
      let value = ((stored - from.zeroPoint) * multiplier + 128) >> 8 + to.zeroPoint
      return min(max(value, to.range.lowerBound), to.range.upperBound)
    }
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    if case .realPerChannel = plan.kernel { return false }
    return plan.operands.adapt(to: shapes)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let (operands, isa) = (plan.operands, plan.isa)
    switch plan.kernel {
    case .real(let bytes, let parameters):
      unsafe operands.run(invocation) { input, output, begin, end in
        unsafe swl_quantize_f32(
          isa, bytes, parameters, input.assumingMemoryBound(to: Float.self) + begin, output + begin * bytes, end - begin
        )
      }
    case .realPerChannel(let bytes, let isSigned, let channels):
      unsafe operands.run(invocation) { input, output, begin, end in
        var parameters = unsafe channels.parameters(invocation)
        unsafe swl_quantize_channels(
          bytes, isSigned, &parameters, input.assumingMemoryBound(to: Float.self), output, begin, end)
      }
    case .table8(let table):
      unsafe operands.run(invocation, UInt8.self, UInt8.self) { input, output, count in
        unsafe swl_lookup_u8(isa, invocation.pointer(table).assumingMemoryBound(to: UInt8.self), input, output, count)
      }
    case .table16(let table):
      unsafe operands.run(invocation, UInt8.self, UInt16.self) { input, output, count in
        unsafe swl_lookup_u8_u16(
          invocation.pointer(table).assumingMemoryBound(to: UInt16.self), input, output, count)
      }
    case .rescaled(let from, let to, var parameters):
      unsafe operands.run(invocation) { input, output, begin, end in
        unsafe swl_requantize(isa, from, to, &parameters, input + begin * from, output + begin * to, end - begin)
      }
    }
  }
}
