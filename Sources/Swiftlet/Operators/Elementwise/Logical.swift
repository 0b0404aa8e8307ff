import CKernels
import ModelFormat

/// LOGICAL_AND and LOGICAL_OR of two bool inputs that broadcast.
package enum LogicalBinary: AdaptableOperator {
  package struct Plan: Sendable {
    var operands: BinaryOperands
    let operation: swl_logical_op
  }

  package static func infer(_ node: Node) throws(PrepareError) { try BinaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    try node.expectType(of: try node.input(0), .input(0), among: .bool)
    try node.expectType(of: try node.input(1), .input(1), among: .bool)
    try node.expectType(of: try node.output(0), .output(0), among: .bool)
    return Plan(operands: try BinaryOperands(node), operation: node.code.builtin == 84 ? SWL_OR : SWL_AND)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool { plan.operands.adapt(to: shapes) }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    unsafe plan.operands.run(invocation) { shape, a, b, output, begin, end in
      unsafe swl_logical(
        plan.operation, shape, a.assumingMemoryBound(to: UInt8.self), b.assumingMemoryBound(to: UInt8.self),
        output.assumingMemoryBound(to: UInt8.self), begin, end)
    }
  }
}

/// LOGICAL_NOT of a bool input.
package enum LogicalNot: AdaptableOperator {
  package struct Plan: Sendable {
    let input, output: Operand
    var count: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) { try UnaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .bool)
    try node.expectType(of: output, .output(0), among: .bool)
    node.allowInPlace(input: 0)
    return Plan(input: node.operand(input), output: node.operand(output), count: output.count)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    plan.count = shapes.shape(0).elementCount
    return shapes.set(0, to: shapes.shape(0))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let input = invocation.view(plan.input, as: UInt8.self, count: plan.count)
    let output = invocation.view(plan.output, as: UInt8.self, count: plan.count)
    for index in 0..<plan.count { output[index] = input[index] == 0 ? 1 : 0 }
  }
}
