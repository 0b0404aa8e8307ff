import CKernels
import ModelFormat

/// SignalOverlapAdd: a signal from frames that overlap, added where they do, across invocations; int16 saturates.
///
/// Input: `[..., frames, size]` of int16 or float32. Output: `[..., frames * frame_step]`. Option: `frame_step`, at most `size`.
package enum SignalOverlapAdd: Operator {
  package struct Plan: Sendable {
    let input, output, sums: Operand
    let isFloat: Bool
    let rows, frames, size, step: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    let shape = try node.input(0).shape
    guard shape.rank >= 2, shape.last > 0 else {
      throw PrepareError(.shapeMismatch, .input(0), found: .shape(shape), expected: .text("[...,frames,size]"))
    }
    let step = try node.signalOption("frame_step", in: 1...shape.last)
    let samples = shape[shape.rank - 2].multipliedSaturated(by: step)
    try node.setOutput(0, shape: shape.removing(shape.rank - 1)?.replacing(shape.rank - 2, with: samples))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .int16, .float32)
    try node.expectType(of: output, .output(0), toBeThatOf: input)
    let (size, rows) = (input.shape.last, input.shape.count(of: 0..<input.rank - 2))
    return Plan(
      input: try node.alignedOperand(input), output: node.operand(output),
      sums: node.state(rows.multipliedSaturated(by: size * input.type.bitWidth / 8)), isFloat: input.type == .float32,
      rows: rows, frames: input.shape[input.rank - 2], size: size,
      step: try node.signalOption("frame_step", in: 1...size))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    for row in 0..<plan.rows {
      for frame in row * plan.frames..<(row + 1) * plan.frames {
        if plan.isFloat {
          unsafe swl_signal_overlap_f32(
            invocation.elements(plan.input, as: Float.self) + frame * plan.size, plan.size, plan.step,
            invocation.elements(plan.sums, as: Float.self) + row * plan.size,
            invocation.elements(plan.output, as: Float.self) + frame * plan.step)
        } else {
          unsafe swl_signal_overlap_i16(
            invocation.elements(plan.input, as: Int16.self) + frame * plan.size, plan.size, plan.step,
            invocation.elements(plan.sums, as: Int16.self) + row * plan.size,
            invocation.elements(plan.output, as: Int16.self) + frame * plan.step)
        }
      }
    }
  }
}
