import ModelFormat

/// ZEROS_LIKE: zeros in the shape and type of the input: float32, int32 or int64.
package enum ZerosLike: Operator {
  package struct Plan: Sendable {
    let output: Operand
    let byteCount: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) { try UnaryOperands.infer(node) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (input, output) = (try node.input(0), try node.output(0))
    try node.expectType(of: input, .input(0), among: .float32, .int32, .int64)
    try node.expectType(of: output, .output(0), toBeThatOf: input)
    return Plan(output: node.operand(output), byteCount: output.byteCount)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.view(plan.output, as: UInt8.self, count: plan.byteCount).fill(with: 0)
  }
}
