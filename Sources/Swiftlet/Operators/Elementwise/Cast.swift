import CKernels
import ModelFormat

/// CAST between float32, float16, float64, bool and integers of 8 to 64 bits, and of complex64 to float32; the tensors say
/// which.
///
/// Floats become integers by truncation and saturate, NaN gives the maximum; integers wrap around.
/// Complex numbers lose their imaginary parts.
package enum Cast: AdaptableOperator {
  package struct Plan: Sendable {
    var operands: UnaryOperands
    /// `nil` for complex64.
    let from: swl_cast_type?
    let to: swl_cast_type
    let isa: swl_isa
    let fromBytes, toBytes: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) { try UnaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    let from = kind(of: input.type)
    guard from != nil || input.type == .complex64 else {
      throw PrepareError(.typeUnsupported, .input(0), found: .type(input.type), expected: .type(.float32))
    }
    guard let to = kind(of: output.type), from != nil || to == SWL_CAST_F32 else {
      throw PrepareError(.typeUnsupported, .output(0), found: .type(output.type), expected: .type(.float32))
    }
    return Plan(
      operands: try UnaryOperands(node), from: from, to: to, isa: node.isa.value, fromBytes: input.type.bitWidth / 8,
      toBytes: output.type.bitWidth / 8)
  }

  private static func kind(of type: ElementType) -> swl_cast_type? {
    switch type {
    case .float32: SWL_CAST_F32
    case .float16: SWL_CAST_F16
    case .float64: SWL_CAST_F64
    case .bool: SWL_CAST_BOOL
    case .int8: SWL_CAST_I8
    case .uint8: SWL_CAST_U8
    case .int16: SWL_CAST_I16
    case .uint16: SWL_CAST_U16
    case .int32: SWL_CAST_I32
    case .uint32: SWL_CAST_U32
    case .int64: SWL_CAST_I64
    default: nil
    }
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool { plan.operands.adapt(to: shapes) }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    // Pictures: bytes become floats at the speed of memory.
    if plan.from == SWL_CAST_U8, plan.to == SWL_CAST_F32 {
      return unsafe plan.operands.run(invocation, UInt8.self, Float.self) { input, output, count in
        unsafe swl_dequantize_u8(plan.isa, 1, 0, input, output, count)
      }
    }
    guard let from = plan.from else {
      return unsafe plan.operands.run(invocation) { input, output, begin, end in
        unsafe swl_complex_parts(
          SWL_COMPLEX_REAL, input.assumingMemoryBound(to: Float.self) + 2 * begin, end - begin,
          output.assumingMemoryBound(to: Float.self) + begin)
      }
    }
    unsafe plan.operands.run(invocation) { input, output, begin, end in
      unsafe swl_cast(
        from, plan.to, input + begin * plan.fromBytes, output + begin * plan.toBytes, end - begin)
    }
  }
}
