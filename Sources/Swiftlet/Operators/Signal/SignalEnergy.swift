import CKernels
import ModelFormat

/// SignalEnergy: the squared magnitudes of complex numbers. Input: a vector of int16, real parts and imaginary ones in turn.
/// Output: uint32, 0 outside `start_index` to below `end_index`.
package enum SignalEnergy: Operator {
  package struct Plan: Sendable {
    let input, output: Operand
    let begin, end, count: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    try node.setOutput(0, shape: Shape(of: try node.input(0).count / 2))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let input = try node.signalVector(0, .int16)
    let output = try node.output(0)
    try node.expectType(of: output, .output(0), among: .uint32)
    let end = try node.signalOption("end_index", in: 0...output.count)
    return Plan(
      input: try node.alignedOperand(input), output: node.operand(output),
      begin: try node.signalOption("start_index", in: 0...end), end: end, count: output.count)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.view(plan.output, as: UInt32.self, count: plan.count).fill(with: 0)
    unsafe swl_signal_energy(
      invocation.elements(plan.input, as: Int16.self), plan.begin, plan.end,
      invocation.elements(plan.output, as: UInt32.self))
  }
}
