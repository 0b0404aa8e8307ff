import CKernels
import ModelFormat

/// SignalFilterBankSpectralSubtraction: follows the noise of each channel over invocations and subtracts it.
///
/// Input: a vector of uint32. Outputs: what is left, at least a fraction of the input; the estimate of the noise. Options:
/// `num_channels`, `smoothing_bits`, `spectral_subtraction_bits`, `clamping`, and with as many fraction bits `smoothing`,
/// `one_minus_smoothing`, both also with `alternate_` in front for odd channels, and `min_signal_remaining`.
package enum SignalSpectralSubtraction: Operator {
  package struct Plan: Sendable {
    let input, output, noise, estimate: Operand
    let parameters: swl_spectral_subtraction
    let count: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 2)
    for position in 0..<2 { try node.setOutput(position, shape: try node.input(0).shape) }
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let input = try node.signalVector(0, .uint32)
    for position in 0..<2 {
      try node.expectType(of: try node.output(position), .output(position), among: .uint32)
    }
    try node.require(input, 0, count: try node.signalOption("num_channels", in: 0...Int(Int32.max)))
    func weight(_ key: StaticString) throws(PrepareError) -> UInt32 {
      UInt32(try node.signalOption(key, in: 0...Int(Int32.max)))
    }
    return Plan(
      input: try node.alignedOperand(input), output: node.operand(try node.output(0)),
      noise: node.operand(try node.output(1)), estimate: node.state(input.count * 4),
      parameters: swl_spectral_subtraction(
        smoothing: (try weight("smoothing"), try weight("alternate_smoothing")),
        one_minus_smoothing: (try weight("one_minus_smoothing"), try weight("alternate_one_minus_smoothing")),
        minimum_remaining: try weight("min_signal_remaining"),
        smoothing_bits: Int32(try node.signalOption("smoothing_bits", in: 0...31)),
        bits: Int32(try node.signalOption("spectral_subtraction_bits", in: 0...31)),
        clamps: try node.signalOption("clamping", in: 0...1) == 1), count: input.count)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    var parameters = plan.parameters
    unsafe swl_signal_subtract_noise(
      &parameters, invocation.elements(plan.input, as: UInt32.self), plan.count,
      invocation.elements(plan.estimate, as: UInt32.self), invocation.elements(plan.output, as: UInt32.self))
    invocation.view(plan.noise, as: UInt32.self, count: plan.count)
      .copy(from: invocation.view(plan.estimate, as: UInt32.self, count: plan.count))
  }
}

/// SignalPCAN: each channel times a gain that falls with its noise, then compressed.
///
/// Inputs: channels and their noise, vectors of uint32; the gains, at least 125 numbers of int16. Output: uint32. Option:
/// `snr_shift`.
package enum SignalGain: Operator {
  package struct Plan: Sendable {
    let input, noise, gains, output: Operand
    let count: Int
    let shift: Int32
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 1)
    try node.setOutput(0, shape: try node.input(0).shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, noise) = (try node.signalVector(0, .uint32), try node.signalVector(1, .uint32))
    try node.require(noise, 1, count: input.count)
    let (gains, output) = (try node.signalVector(2, .int16), try node.output(0))
    guard gains.count >= SWL_SIGNAL_GAIN_COUNT else {
      throw PrepareError(
        .shapeMismatch, .input(2), field: "number of elements", found: .int(gains.count),
        expected: .int(Int(SWL_SIGNAL_GAIN_COUNT)))
    }
    try node.expectType(of: output, .output(0), among: .uint32)
    return Plan(
      input: try node.alignedOperand(input), noise: try node.alignedOperand(noise),
      gains: try node.alignedOperand(gains), output: node.operand(output), count: input.count,
      shift: Int32(try node.signalOption("snr_shift", in: 0...63)))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe swl_signal_gain(
      invocation.elements(plan.input, as: UInt32.self), invocation.elements(plan.noise, as: UInt32.self),
      invocation.elements(plan.gains, as: Int16.self), plan.count, plan.shift,
      invocation.elements(plan.output, as: UInt32.self))
  }
}

/// SignalFilterBankLog: natural logarithms of uint32 channels, in int16. Options: `input_correction_bits`, by which the input
/// is shifted left; `output_scale`.
package enum SignalLog: Operator {
  package struct Plan: Sendable {
    let input, table, output: Operand
    let count: Int
    let shift: Int32
    let scale: UInt32
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    try node.setOutput(0, shape: try node.input(0).shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.signalVector(0, .uint32), try node.output(0))
    try node.expectType(of: output, .output(0), among: .int16)
    let table = unsafe try node.packed(Int(SWL_SIGNAL_LOG_COUNT) * 2) { memory in
      unsafe swl_signal_log_table(memory.assumingMemoryBound(to: UInt16.self))
    }
    return Plan(
      input: try node.alignedOperand(input), table: table, output: node.operand(output), count: input.count,
      shift: Int32(try node.signalOption("input_correction_bits", in: 0...31)),
      scale: UInt32(try node.signalOption("output_scale", in: 0...Int(Int32.max))))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe swl_signal_log(
      invocation.elements(plan.input, as: UInt32.self), plan.count, plan.shift, plan.scale,
      invocation.elements(plan.table, as: UInt16.self), invocation.elements(plan.output, as: Int16.self))
  }
}
