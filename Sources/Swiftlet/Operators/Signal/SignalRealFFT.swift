import CKernels
import ModelFormat

/// SignalRfft: the spectra of rows of int16 samples, in fixed point with the roundings of KISS FFT, divided by the length.
///
/// Input: samples along the last dimension, at most `fft_length` of them; zeros fill up. Output: `fft_length / 2 + 1` complex
/// numbers along the last dimension, real parts and imaginary ones in turn. Option: `fft_length`, a power of two from 4 to
/// 32768.
package enum SignalRealFFT: Operator {
  package struct Plan: Sendable {
    let input, output, tables, samples, scratch: Operand
    let rows, rowLength, length: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    let shape = try node.input(0).shape
    let length = try length(node)
    guard shape.rank >= 1, shape.last <= length else {
      throw PrepareError(.shapeMismatch, .input(0), found: .shape(shape), expected: .int(length))
    }
    try node.setOutput(0, shape: shape.replacing(shape.rank - 1, with: length + 2))
  }

  static func length(_ node: Node) throws(PrepareError) -> Int {
    let length = try node.signalOption("fft_length", in: 4...32768)
    guard length.nonzeroBitCount == 1 else {
      throw PrepareError(.optionInvalid, field: "fft_length", found: .int(length), expected: .text("a power of two"))
    }
    return length
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .int16)
    try node.expectType(of: output, .output(0), among: .int16)
    let length = try length(node)
    let tables = unsafe try node.packed(swl_signal_fft_table_count(length) * 2) { memory in
      unsafe swl_signal_fft_tables(length, memory.assumingMemoryBound(to: Int16.self))
    }
    let rowLength = input.shape.last
    return Plan(
      input: node.operand(input), output: node.operand(output), tables: tables, samples: node.scratch(length * 2),
      scratch: node.scratch(length * 2), rows: input.shape.count(of: 0..<input.rank - 1), rowLength: rowLength,
      length: length)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let samples = invocation.view(plan.samples, as: UInt8.self, count: plan.length * 2)
    samples.fill(with: 0)
    let output = unsafe invocation.elements(plan.output, as: Int16.self)
    for row in 0..<plan.rows {
      let source = unsafe UnsafeRawPointer(invocation.pointer(plan.input)) + row * plan.rowLength * 2
      unsafe UnsafeMutableRawPointer(samples.pointer).copyMemory(from: source, byteCount: plan.rowLength * 2)
      unsafe swl_signal_real_fft(
        invocation.elements(plan.samples, as: Int16.self), plan.length,
        invocation.elements(plan.tables, as: Int16.self), invocation.elements(plan.scratch, as: Int16.self),
        output + row * (plan.length + 2))
    }
  }
}
