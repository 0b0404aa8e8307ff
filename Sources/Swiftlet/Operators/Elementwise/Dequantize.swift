import CKernels
import ModelFormat

/// DEQUANTIZE: int8, uint8, int16 and int32, also per channel, int4 and int2 as constants with a scale per tensor or per
/// channel of the first dimension, and float16, to float32: `scale * (q - zeroPoint)`.
package enum Dequantize: AdaptableOperator {
  package struct Plan: Sendable {
    var operands: UnaryOperands
    let kernel: Kernel
    let isa: swl_isa
  }

  enum Kernel: Sendable {
    case scaled(ElementType, TensorQuantization)
    case perChannel(bytes: Int, isSigned: Bool, ChannelTable)
    case half
    case small(SmallIntegers)
  }

  package static func infer(_ node: Node) throws(PrepareError) { try UnaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .int8, .uint8, .int16, .int32, .float16, .int4, .int2)
    try node.expectType(of: output, .output(0), among: .float32)
    return Plan(operands: try UnaryOperands(node), kernel: try kernel(node, input), isa: node.isa.value)
  }

  private static func kernel(_ node: Node, _ input: Tensor) throws(PrepareError) -> Kernel {
    if input.type == .float16 { return .half }
    if input.type.bitWidth < 8 { return .small(try SmallIntegers(node, input)) }
    if input.type != .int32, let channels = try ChannelTable(node, input, .input(0)) {
      return .perChannel(bytes: input.type.bitWidth / 8, isSigned: input.type != .uint8, channels)
    }
    return .scaled(input.type, try node.quantizationPerTensor(input, .input(0)))
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    switch plan.kernel {
    case .perChannel, .small: return false
    case .scaled, .half: break
    }
    return plan.operands.adapt(to: shapes)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let (operands, isa) = (plan.operands, plan.isa)
    switch plan.kernel {
    case .scaled(.int8, let quantization):
      unsafe operands.run(invocation, Int8.self, Float.self) { input, output, count in
        unsafe swl_dequantize_i8(isa, quantization.scale, quantization.zeroPoint, input, output, count)
      }
    case .scaled(.uint8, let quantization):
      unsafe operands.run(invocation, UInt8.self, Float.self) { input, output, count in
        unsafe swl_dequantize_u8(isa, quantization.scale, quantization.zeroPoint, input, output, count)
      }
    case .scaled(.int16, let quantization):
      unsafe operands.run(invocation, Int16.self, Float.self) { input, output, count in
        unsafe swl_dequantize_i16(isa, quantization.scale, quantization.zeroPoint, input, output, count)
      }
    case .scaled(_, let quantization):
      unsafe operands.run(invocation, Int32.self, Float.self) { input, output, count in
        unsafe swl_dequantize_i32(quantization.scale, quantization.zeroPoint, input, output, count)
      }
    case .perChannel(let bytes, let isSigned, let channels):
      unsafe operands.run(invocation) { input, output, begin, end in
        var parameters = unsafe channels.parameters(invocation)
        unsafe swl_dequantize_channels(
          bytes, isSigned, &parameters, input, output.assumingMemoryBound(to: Float.self), begin, end)
      }
    case .small(let rows): rows.run(invocation)
    case .half:
      unsafe operands.run(invocation, UInt16.self, Float.self) { input, output, count in
        unsafe swl_f16_to_f32(isa, input, output, count)
      }
    }
  }
}
