import CKernels
import ModelFormat

/// FAKE_QUANT: float32 values rounded to the steps that a quantized tensor of this range would have.
///
/// Options: `min`, `max`, `num_bits` (2 to 16), `narrow_range`, which leaves the lowest number out. The range is moved so that
/// zero is one of the steps, as in TensorFlow's `fake_quant_with_min_max_args`.
package enum FakeQuantize: Operator {
  package struct Plan: Sendable {
    let operands: UnaryOperands
    let parameters: swl_fake_quantize_params
  }

  package static func infer(_ node: Node) throws(PrepareError) { try UnaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    try node.expectType(of: try node.input(0), .input(0), among: .float32)
    try node.expectType(of: try node.output(0), .output(0), among: .float32)
    let options = node.options
    let bits = options.int32(2)
    guard (2...16).contains(bits) else {
      throw PrepareError(.optionInvalid, field: "num_bits", found: .int(bits), expected: .text("2 to 16"))
    }
    return Plan(
      operands: try UnaryOperands(node),
      parameters: try parameters(
        options.float(0), options.float(1), lowest: options.bool(3) ? 1 : 0, highest: Float((1 << bits) - 1)))
  }

  private static func parameters(
    _ minimum: Float, _ maximum: Float, lowest: Float, highest: Float
  ) throws(PrepareError) -> swl_fake_quantize_params {
    let scale = (maximum - minimum) / (highest - lowest)
    guard scale.isFinite, scale > 0, minimum <= 0, maximum >= 0, (1 / scale).isFinite else {
      throw PrepareError(
        .optionInvalid, field: "max", found: .float(maximum), expected: .text("a range around 0"))
    }
    let exact = lowest - minimum / scale
    let zero = exact < lowest ? lowest : exact > highest ? highest : exact.rounded(.toNearestOrAwayFromZero)
    return swl_fake_quantize_params(minimum: (lowest - zero) * scale, maximum: (highest - zero) * scale, scale: scale)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe plan.operands.run(invocation, Float.self, Float.self) { input, output, count in
      unsafe swl_f32_fake_quantize(plan.parameters, input, output, count)
    }
  }
}
