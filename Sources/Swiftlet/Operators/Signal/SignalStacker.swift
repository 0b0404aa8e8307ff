import CKernels
import ModelFormat

/// SignalStacker: a frame with those before and behind it, across invocations.
///
/// Input: a vector of `num_channels` int16. Outputs: the frames one after another; a bool, whether there are enough. The first
/// frame counts as if it had come `stacker_left_context` times before. Without enough frames the output is zero, where
/// TensorFlow Lite Micro leaves it as it was. Options also: `stacker_right_context`, `stacker_step`.
package enum SignalStacker: Operator {
  package struct Plan: Sendable {
    let input, output, isComplete, queue, frames: Operand
    let stacking: swl_signal_stacking
  }

  private static let limit = 1 << 20

  private static func stacking(_ node: Node) throws(PrepareError) -> swl_signal_stacking {
    let left = try node.signalOption("stacker_left_context", in: 0...limit)
    let right = try node.signalOption("stacker_right_context", in: 0...limit)
    return swl_signal_stacking(
      channels: try node.signalOption("num_channels", in: 1...limit), left: left, right: right,
      step: try node.signalOption("stacker_step", in: 1...(left + 1 + right)))
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 2)
    let stacking = try stacking(node)
    try node.require(try node.signalVector(0, .int16), 0, count: stacking.channels)
    try node.setOutput(0, shape: Shape(of: (stacking.left + 1 + stacking.right) * stacking.channels))
    try node.setOutput(1, shape: .scalar)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output, isComplete) = (try node.input(0), try node.output(0), try node.output(1))
    try node.expectType(of: output, .output(0), among: .int16)
    try node.expectType(of: isComplete, .output(1), among: .bool)
    return Plan(
      input: try node.alignedOperand(input), output: node.operand(output), isComplete: node.operand(isComplete),
      queue: node.state(MemoryLayout<swl_signal_queue>.stride), frames: node.state(output.byteCount),
      stacking: try stacking(node))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let isComplete = unsafe withUnsafePointer(to: plan.stacking) { stacking in
      unsafe swl_signal_stack(
        stacking, invocation.elements(plan.input, as: Int16.self),
        invocation.pointer(plan.queue).assumingMemoryBound(to: swl_signal_queue.self),
        invocation.elements(plan.frames, as: Int16.self), invocation.elements(plan.output, as: Int16.self))
    }
    invocation.view(plan.isComplete, as: UInt8.self, count: 1)[0] = isComplete ? 1 : 0
  }
}
