import CKernels
import ModelFormat

/// SignalDelay: the samples that came `delay_length` before, zeros at first, across invocations.
///
/// Input: int16, each row of the last dimension a signal of its own. Option: `delay_length`.
package enum SignalDelay: Operator {
  package struct Plan: Sendable {
    let input, output, history: Operand
    let rows, count, delay: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    try node.setOutput(0, shape: try node.input(0).shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .int16)
    try node.expectType(of: output, .output(0), among: .int16)
    let delay = try node.signalOption("delay_length", in: 0...(1 << 24))
    let count = input.shape.last
    let rows = count == 0 ? 0 : input.count / count
    return Plan(
      input: try node.alignedOperand(input), output: node.operand(output),
      history: node.state(rows.multipliedSaturated(by: delay * 2)), rows: rows, count: count, delay: delay)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    for row in 0..<plan.rows {
      unsafe swl_signal_delay(
        invocation.elements(plan.input, as: Int16.self) + row * plan.count, plan.count, plan.delay,
        invocation.elements(plan.history, as: Int16.self) + row * plan.delay,
        invocation.elements(plan.output, as: Int16.self) + row * plan.count)
    }
  }
}
