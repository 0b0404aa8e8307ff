import CKernels
import ModelFormat

/// LOG_SOFTMAX along the last axis: `x - max - log(sum(exp(x - max)))`. int8 outputs have scale 16/256 and zero point 127.
package enum LogSoftmax: Operator {
  package struct Plan: Sendable {
    let input, output: Operand
    let rows, depth, grain: Int
    /// 0 for float32.
    let scale: Float
  }

  package static func infer(_ node: Node) throws(PrepareError) { try Softmax.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.require(input, .input(0), among: .float32, .int8)
    try node.require(output, .output(0), ofTypeOf: input)
    if input.type == .int8 { try Softmax.requireUnitRange(node, output, scale: 16 / 256, zeroPoint: 127) }
    let depth = input.shape.last
    return Plan(
      input: node.operand(input), output: node.operand(output), rows: input.count / max(1, depth), depth: depth,
      grain: max(1, 20_000 / max(1, depth)), scale: input.type == .int8 ? input.scale : 0)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.parallel(count: plan.rows, grain: plan.grain) { begin, end, _ in
      let first = begin * plan.depth
      if plan.scale > 0 {
        unsafe swl_i8_log_softmax(
          plan.scale, invocation.elements(plan.input, as: Int8.self) + first,
          invocation.elements(plan.output, as: Int8.self) + first, end - begin, plan.depth)
      } else {
        unsafe swl_f32_log_softmax(
          invocation.elements(plan.input, as: Float.self) + first,
          invocation.elements(plan.output, as: Float.self) + first, end - begin, plan.depth)
      }
    }
  }
}
