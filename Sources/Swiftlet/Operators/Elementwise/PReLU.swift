import CKernels
import ModelFormat

/// PRELU: `x` for `x >= 0`, else `x` times the slope, input 1, which broadcasts. float32, int8, uint8 and int16.
package enum PReLU: Operator {
  package struct Plan: Sendable {
    let operands: BinaryOperands
    /// `nil` for float32.
    let quantized: Quantized?
    let isa: swl_isa
  }

  struct Quantized: Sendable {
    let type: swl_type
    let parameters: swl_quantized_prelu_params
  }

  package static func infer(_ node: Node) throws(PrepareError) { try BinaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, slope, output) = (try node.input(0), try node.input(1), try node.output(0))
    try node.expectType(of: input, .input(0), among: .float32, .int8, .uint8, .int16)
    try node.expectType(of: slope, .input(1), toBeThatOf: input)
    try node.expectType(of: output, .output(0), toBeThatOf: input)
    guard output.shape == input.shape else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "shape that broadcasts", found: .shape(slope.shape),
        expected: .shape(input.shape))
    }
    return Plan(
      operands: try BinaryOperands(node), quantized: try quantized(node, input, slope, output), isa: node.isa.value)
  }

  private static func quantized(
    _ node: Node, _ input: Tensor, _ slope: Tensor, _ output: Tensor
  ) throws(PrepareError) -> Quantized? {
    guard input.type != .float32 else { return nil }
    let x = try node.quantizationPerTensor(input, .input(0))
    let alpha = try node.quantizationPerTensor(slope, .input(1))
    let y = try node.quantizationPerTensor(output, .output(0))
    let ratio = Double(x.scale) / Double(y.scale)
    return Quantized(
      type: input.type == .int8 ? SWL_I8 : input.type == .uint8 ? SWL_U8 : SWL_I16,
      parameters: swl_quantized_prelu_params(
        a_offset: -x.zeroPoint, b_offset: -alpha.zeroPoint, output_offset: y.zeroPoint,
        positive: try node.fixedPoint(ratio).c, negative: try node.fixedPoint(ratio * Double(alpha.scale)).c,
        minimum: y.range.lowerBound, maximum: y.range.upperBound))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe plan.operands.run(invocation) { shape, a, b, output, begin, end in
      if let quantized = plan.quantized {
        var parameters = quantized.parameters
        unsafe swl_quantized_prelu(plan.isa, quantized.type, shape, &parameters, a, b, output, begin, end)
      } else {
        let limits = swl_f32_limits(minimum: -.infinity, maximum: .infinity)
        unsafe swl_f32_binary(
          plan.isa, SWL_BINARY_PRELU, shape, limits, a.assumingMemoryBound(to: Float.self),
          b.assumingMemoryBound(to: Float.self), output.assumingMemoryBound(to: Float.self), begin, end)
      }
    }
  }
}
