import CKernels
import ModelFormat

/// SignalFftAutoScale: samples shifted left as far as they go, and how far. Input: a vector of int16. Outputs: the same, and a
/// scalar of int32, 15 for silence.
package enum SignalAutoScale: Operator {
  package struct Plan: Sendable {
    let input, output, shift: Operand
    let count: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 2)
    try node.setOutput(0, shape: try node.input(0).shape)
    try node.setOutput(1, shape: .scalar)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let input = try node.signalVector(0, .int16)
    let (output, shift) = (try node.output(0), try node.output(1))
    try node.expectType(of: output, .output(0), among: .int16)
    try node.expectType(of: shift, .output(1), among: .int32)
    return Plan(
      input: try node.alignedOperand(input), output: node.operand(output), shift: node.operand(shift),
      count: input.count)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.view(plan.shift, as: Int32.self, count: 1)[0] = unsafe swl_signal_auto_scale(
      invocation.elements(plan.input, as: Int16.self), plan.count, invocation.elements(plan.output, as: Int16.self))
  }
}
