import CKernels
import ModelFormat

/// SignalFramer: samples as frames that overlap, across invocations.
///
/// Input: int16 samples, in the last dimension a multiple of `frame_step`. Outputs: `[..., frames, frame_size]`; a bool, whether
/// all frames are complete: at the beginning samples are missing unless `prefill` puts zeros before them. Incomplete frames
/// are zero, where TensorFlow Lite Micro leaves them as they were. Options: `frame_size`, `frame_step` of at most that,
/// `prefill`.
package enum SignalFramer: Operator {
  package struct Plan: Sendable {
    let input, output, isComplete, queues, samples: Operand
    let framing: swl_signal_framing
    let rows, frames, capacity: Int
  }

  private static func framing(_ node: Node) throws(PrepareError) -> (size: Int, step: Int) {
    let size = try node.signalOption("frame_size", in: 1...(1 << 20))
    return (size, try node.signalOption("frame_step", in: 1...size))
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 2)
    let shape = try node.input(0).shape
    let (size, step) = try framing(node)
    guard shape.rank >= 1, shape.last > 0, shape.last.isMultiple(of: step) else {
      throw PrepareError(.shapeMismatch, .input(0), found: .shape(shape), expected: .int(step))
    }
    try node.setOutput(
      0, shape: shape.replacing(shape.rank - 1, with: shape.last / step)?.inserting(size, at: shape.rank))
    try node.setOutput(1, shape: .scalar)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output, isComplete) = (try node.input(0), try node.output(0), try node.output(1))
    try node.expectType(of: input, .input(0), among: .int16)
    try node.expectType(of: output, .output(0), among: .int16)
    try node.expectType(of: isComplete, .output(1), among: .bool)
    let (size, step) = try framing(node)
    let rows = input.shape.count(of: 0..<input.rank - 1)
    let capacity = (size + step - 1) / step * step + step
    return Plan(
      input: try node.alignedOperand(input), output: node.operand(output), isComplete: node.operand(isComplete),
      queues: node.state(rows.multipliedSaturated(by: MemoryLayout<swl_signal_queue>.stride)),
      samples: node.state(rows.multipliedSaturated(by: capacity * 2)),
      framing: swl_signal_framing(size: size, step: step, prefills: try node.signalOption("prefill", in: 0...1) == 1),
      rows: rows, frames: input.shape.last / step, capacity: capacity)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    var isComplete = true
    let queues = unsafe invocation.pointer(plan.queues).assumingMemoryBound(to: swl_signal_queue.self)
    unsafe withUnsafePointer(to: plan.framing) { framing in
      for row in 0..<plan.rows {
        unsafe swl_signal_frame(
          framing, invocation.elements(plan.input, as: Int16.self) + row * plan.frames * plan.framing.step,
          plan.frames, queues + row, invocation.elements(plan.samples, as: Int16.self) + row * plan.capacity,
          invocation.elements(plan.output, as: Int16.self) + row * plan.frames * plan.framing.size, &isComplete)
      }
    }
    invocation.view(plan.isComplete, as: UInt8.self, count: 1)[0] = isComplete ? 1 : 0
  }
}
