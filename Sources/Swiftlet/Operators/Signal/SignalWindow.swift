import CKernels
import ModelFormat

/// SignalWindow: samples times the weights of a window, shifted right and saturated.
///
/// Inputs: samples, int16, of which the weights' count divides the number; weights, a vector of int16. Option: `shift`.
package enum SignalWindow: Operator {
  package struct Plan: Sendable {
    let input, weights, output: Operand
    let count, period: Int
    let shift: Int32
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    try node.setOutput(0, shape: try node.input(0).shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .int16)
    try node.expectType(of: output, .output(0), among: .int16)
    let weights = try node.signalVector(1, .int16)
    guard weights.count > 0, input.count.isMultiple(of: weights.count) else {
      throw PrepareError(
        .shapeMismatch, .input(1), field: "number of elements", found: .int(weights.count), expected: .int(input.count))
    }
    return Plan(
      input: try node.alignedOperand(input), weights: try node.alignedOperand(weights), output: node.operand(output),
      count: input.count, period: weights.count, shift: Int32(try node.signalOption("shift", in: 0...31)))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe swl_signal_window(
      invocation.elements(plan.input, as: Int16.self), invocation.elements(plan.weights, as: Int16.self), plan.count,
      plan.period, plan.shift, invocation.elements(plan.output, as: Int16.self))
  }
}
