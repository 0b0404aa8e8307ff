import CKernels
import ModelFormat

/// SignalFilterBank: energies of frequencies, uint32, summed into overlapping channels, uint64.
///
/// Inputs behind the energies, vectors of int16: weights for the channel and for the next one; for each channel and one before
/// them the first frequency, the first weight and how many there are. Positions that these name outside the energies or
/// weights count as zero. Option: `num_channels`.
package enum SignalFilterBank: Operator {
  package struct Plan: Sendable {
    let energies, weights, unweights, frequencyStarts, weightStarts, widths, output: Operand
    let channels, weightCount, frequencies: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 6...6, outputs: 1)
    try node.setOutput(0, shape: Shape(of: try channels(node)))
  }

  private static func channels(_ node: Node) throws(PrepareError) -> Int {
    try node.signalOption("num_channels", in: 1...Int(Int16.max))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let channels = try channels(node)
    let energies = try node.signalVector(0, .uint32)
    let (weights, unweights) = (try node.signalVector(1, .int16), try node.signalVector(2, .int16))
    let (frequencyStarts, weightStarts) = (try node.signalVector(3, .int16), try node.signalVector(4, .int16))
    let widths = try node.signalVector(5, .int16)
    try node.require(unweights, 2, count: weights.count)
    try node.require(frequencyStarts, 3, count: channels + 1)
    try node.require(weightStarts, 4, count: channels + 1)
    try node.require(widths, 5, count: channels + 1)
    let output = try node.output(0)
    try node.expectType(of: output, .output(0), among: .uint64)
    return Plan(
      energies: try node.alignedOperand(energies), weights: try node.alignedOperand(weights),
      unweights: try node.alignedOperand(unweights), frequencyStarts: try node.alignedOperand(frequencyStarts),
      weightStarts: try node.alignedOperand(weightStarts), widths: try node.alignedOperand(widths),
      output: node.operand(output), channels: channels, weightCount: weights.count, frequencies: energies.count)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    var bank = unsafe swl_filter_bank(
      weights: invocation.elements(plan.weights, as: Int16.self),
      unweights: invocation.elements(plan.unweights, as: Int16.self),
      frequency_starts: invocation.elements(plan.frequencyStarts, as: Int16.self),
      weight_starts: invocation.elements(plan.weightStarts, as: Int16.self),
      widths: invocation.elements(plan.widths, as: Int16.self), channels: plan.channels,
      weight_count: plan.weightCount, frequencies: plan.frequencies)
    unsafe swl_signal_filter_bank(
      &bank, invocation.elements(plan.energies, as: UInt32.self), invocation.elements(plan.output, as: UInt64.self))
  }
}

/// SignalFilterBankSquareRoot: the rounded square roots of uint64 energies, shifted right. Inputs: a vector; the distance, a
/// scalar of int32, limited to 0...31. Output: uint32.
package enum SignalSquareRoot: Operator {
  package struct Plan: Sendable {
    let input, shift, output: Operand
    let count: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    try node.setOutput(0, shape: try node.input(0).shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, shift, output) = (try node.signalVector(0, .uint64), try node.input(1), try node.output(0))
    try node.expectType(of: shift, .input(1), among: .int32)
    try node.require(shift, 1, count: 1)
    try node.expectType(of: output, .output(0), among: .uint32)
    return Plan(
      input: try node.alignedOperand(input), shift: try node.alignedOperand(shift), output: node.operand(output),
      count: input.count)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe swl_signal_square_root(
      invocation.elements(plan.input, as: UInt64.self), plan.count,
      invocation.view(plan.shift, as: Int32.self, count: 1)[0], invocation.elements(plan.output, as: UInt32.self))
  }
}
