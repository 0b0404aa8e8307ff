import CKernels
import ModelFormat

/// SignalIrfft: int16 samples from the spectra that SignalRfft makes, in fixed point with the roundings of KISS FFT.
///
/// Input: `fft_length / 2 + 1` complex numbers along the last dimension, real parts and imaginary ones in turn. Output:
/// `fft_length` samples, divided by that length once more. Option: `fft_length`, a power of two from 4 to 32768.
package enum SignalInverseRealFFT: Operator {
  package struct Plan: Sendable {
    let input, output, tables, scratch: Operand
    let rows, length: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    let shape = try node.input(0).shape
    let length = try SignalRealFFT.length(node)
    guard shape.rank >= 1, shape.last == length + 2 else {
      throw PrepareError(.shapeMismatch, .input(0), found: .shape(shape), expected: .int(length + 2))
    }
    try node.setOutput(0, shape: shape.replacing(shape.rank - 1, with: length))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .int16)
    try node.expectType(of: output, .output(0), among: .int16)
    let length = output.shape.last
    let tables = unsafe try node.packed(swl_signal_fft_table_count(length) * 2) { memory in
      unsafe swl_signal_inverse_fft_tables(length, memory.assumingMemoryBound(to: Int16.self))
    }
    return Plan(
      input: try node.alignedOperand(input), output: node.operand(output), tables: tables,
      scratch: node.scratch(length * 2), rows: input.shape.count(of: 0..<input.rank - 1), length: length)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    for row in 0..<plan.rows {
      unsafe swl_signal_inverse_real_fft(
        invocation.elements(plan.input, as: Int16.self) + row * (plan.length + 2), plan.length,
        invocation.elements(plan.tables, as: Int16.self), invocation.elements(plan.scratch, as: Int16.self),
        invocation.elements(plan.output, as: Int16.self) + row * plan.length)
    }
  }
}
