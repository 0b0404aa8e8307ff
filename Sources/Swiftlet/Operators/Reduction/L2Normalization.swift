import CKernels
import ModelFormat

/// L2_NORMALIZATION along the last axis: `x / sqrt(sum(x²))`. Quantized outputs have scale 1/128 and zero point 0 (int8) or
/// 128 (uint8).
package enum L2Normalization: Operator {
  package struct Plan: Sendable {
    let input, output: Operand
    let type: ElementType
    let rows, depth, grain: Int
    let zeroPoint: Int32
  }

  package static func infer(_ node: Node) throws(PrepareError) { try Softmax.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.require(input, .input(0), among: .float32, .int8, .uint8)
    try node.require(output, .output(0), ofTypeOf: input)
    guard node.options.int8(0) == 0 else {
      throw PrepareError(
        .optionUnsupported, field: "fused_activation_function", found: .int(node.options.int8(0)), expected: .int(0))
    }
    let depth = input.shape.last
    if input.type != .float32 {
      try Softmax.requireUnitRange(node, output, scale: 1 / 128, zeroPoint: input.type == .int8 ? 0 : 128)
      guard depth < 1 << 15 else {
        throw PrepareError(
          .shapeUnsupported, .input(0), field: "last dimension", found: .int(depth), expected: .int((1 << 15) - 1))
      }
    }
    return Plan(
      input: node.operand(input), output: node.operand(output), type: input.type, rows: input.count / max(1, depth),
      depth: depth, grain: max(1, 40_000 / max(1, depth)), zeroPoint: input.zeroPoint)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.parallel(count: plan.rows, grain: plan.grain) { begin, end, _ in
      let (first, rows) = (begin * plan.depth, end - begin)
      switch plan.type {
      case .float32:
        unsafe swl_f32_l2_normalize(
          invocation.elements(plan.input, as: Float.self) + first,
          invocation.elements(plan.output, as: Float.self) + first, rows, plan.depth)
      case .int8:
        unsafe swl_i8_l2_normalize(
          plan.zeroPoint, invocation.elements(plan.input, as: Int8.self) + first,
          invocation.elements(plan.output, as: Int8.self) + first, rows, plan.depth)
      default:
        unsafe swl_u8_l2_normalize(
          plan.zeroPoint, invocation.elements(plan.input, as: UInt8.self) + first,
          invocation.elements(plan.output, as: UInt8.self) + first, rows, plan.depth)
      }
    }
  }
}
