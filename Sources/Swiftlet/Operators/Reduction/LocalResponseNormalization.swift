import CKernels
import ModelFormat

/// LOCAL_RESPONSE_NORMALIZATION of float32 along the last of four dimensions: `x / (bias + alpha * sum)^beta`, the sum of the
/// squares from `radius` neighbours before to below `radius` behind, as TensorFlow Lite has it. Options: `radius`, `bias`, `alpha`, `beta`.
package enum LocalResponseNormalization: Operator {
  package struct Plan: Sendable {
    let input, output: Operand
    let parameters: swl_local_response_params
    let rows, depth, grain: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    try node.require(try node.input(0), .input(0), rank: 4)
    try node.setOutput(0, shape: try node.input(0).shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.require(input, .input(0), among: .float32)
    try node.require(output, .output(0), ofTypeOf: input)
    let radius = node.options.int32(0)
    guard radius >= 0 else {
      throw PrepareError(.optionInvalid, field: "radius", found: .int(radius), expected: .int(0))
    }
    let depth = input.shape[3]
    let work = depth.multipliedSaturated(by: min(depth, radius.multipliedSaturated(by: 2).addingSaturated(1)))
    return Plan(
      input: node.operand(input), output: node.operand(output),
      parameters: swl_local_response_params(
        radius: radius, bias: node.options.float(1), alpha: node.options.float(2), beta: node.options.float(3)),
      rows: input.count / max(1, depth), depth: depth, grain: max(1, 10_000 / max(1, work)))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.parallel(count: plan.rows, grain: plan.grain) { begin, end, _ in
      unsafe withUnsafePointer(to: plan.parameters) { parameters in
        unsafe swl_f32_local_response(
          parameters, invocation.elements(plan.input, as: Float.self) + begin * plan.depth,
          invocation.elements(plan.output, as: Float.self) + begin * plan.depth, end - begin, plan.depth)
      }
    }
  }
}
