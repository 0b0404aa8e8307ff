import ModelFormat

/// SHAPE: the input's dimensions, int32 or int64. Known while preparing, so it never runs later.
package enum ShapeOperator: AdaptableOperator {
  package struct Plan: Sendable {
    let output: Operand
    var shape: Shape
    let isWide: Bool
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    try node.setOutput(0, shape: Shape(of: try node.input(0).rank))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let output = try node.output(0)
    guard output.type == .int32 || output.type == .int64 else {
      throw PrepareError(.typeUnsupported, .output(0), found: .type(output.type), expected: .type(.int32))
    }
    return Plan(output: node.operand(output), shape: try node.input(0).shape, isWide: output.type == .int64)
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    let shape = shapes.shape(0)
    plan.shape = shape
    return shapes.set(0, to: Shape(rank: 1) { _ in shape.rank })
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    for index in 0..<plan.shape.rank {
      if plan.isWide {
        invocation.view(plan.output, as: Int64.self, count: plan.shape.rank)[index] = Int64(plan.shape[index])
      } else {
        invocation.view(plan.output, as: Int32.self, count: plan.shape.rank)[index] = Int32(clamping: plan.shape[index])
      }
    }
  }
}
