import CKernels
import ModelFormat

/// ADD_N: the sum of any number of inputs of one shape, float32 or int32, which wraps around. Added from the first on.
package enum AddN: Operator {
  package struct Plan: Sendable {
    let inputs: [Operand]
    let output: Operand
    let isInteger: Bool
    var count: Int
    let isa: swl_isa
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...Int.max, outputs: 1)
    let shape = try node.input(0).shape
    for position in 1..<node.inputCount {
      let other = try node.input(position).shape
      guard other == shape else {
        throw PrepareError(.shapeMismatch, .input(position), found: .shape(other), expected: .shape(shape))
      }
    }
    try node.setOutput(0, shape: shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (first, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: first, .input(0), among: .float32, .int32)
    try node.expectType(of: output, .output(0), toBeThatOf: first)
    var inputs: [Operand] = []
    for position in 0..<node.inputCount {
      let tensor = try node.input(position)
      try node.expectType(of: tensor, .input(position), toBeThatOf: first)
      inputs.append(try node.alignedOperand(tensor))
    }
    return Plan(
      inputs: inputs, output: node.operand(output), isInteger: first.type == .int32, count: output.count,
      isa: node.isa.value)
  }

  package static func replan(_ plan: inout Plan, _ node: Node) throws(PrepareError) {
    plan.count = try node.output(0).count
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let bytes = plan.count * 4
    invocation.view(plan.output, as: UInt8.self, count: bytes)
      .copy(from: invocation.view(plan.inputs[0], as: UInt8.self, count: bytes))
    guard let line = Shape(of: plan.count) else { return }
    let shape = Broadcast.make(line, line)
    let output = unsafe invocation.pointer(plan.output)
    for position in 1..<plan.inputs.count {
      let input = unsafe UnsafeRawPointer(invocation.pointer(plan.inputs[position]))
      unsafe withUnsafePointer(to: shape) { shape in
        let items = unsafe swl_broadcast_items(shape)
        if plan.isInteger {
          unsafe swl_integer_binary(
            SWL_I32, SWL_BINARY_ADD, shape, swl_i64_limits(minimum: Int64(Int32.min), maximum: Int64(Int32.max)),
            output, input, output, 0, items)
        } else {
          unsafe swl_f32_binary(
            plan.isa, SWL_BINARY_ADD, shape, swl_f32_limits(minimum: -.infinity, maximum: .infinity),
            output.assumingMemoryBound(to: Float.self), input.assumingMemoryBound(to: Float.self),
            output.assumingMemoryBound(to: Float.self), 0, items)
        }
      }
    }
  }
}
