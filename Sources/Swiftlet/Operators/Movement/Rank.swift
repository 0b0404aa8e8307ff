import ModelFormat

/// RANK: the number of dimensions of the input, an int32 scalar. Known while preparing, so it never runs later.
package enum Rank: Operator {
  package struct Plan: Sendable {
    let output: Operand
    let rank: Int32
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    _ = try node.input(0)
    try node.setOutput(0, shape: .scalar)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let output = try node.output(0)
    guard output.type == .int32 else {
      throw PrepareError(.typeUnsupported, .output(0), found: .type(output.type), expected: .type(.int32))
    }
    return Plan(output: node.operand(output), rank: Int32(try node.input(0).rank))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.view(plan.output, as: Int32.self, count: 1)[0] = plan.rank
  }
}
