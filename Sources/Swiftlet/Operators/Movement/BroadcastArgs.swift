import ModelFormat

/// BROADCAST_ARGS: the shape, as a vector, to which two shapes given as vectors broadcast; int32 or int64.
///
/// Constant shapes that do not fit are refused while preparing; computed ones give the larger dimension.
package enum BroadcastArgs: Operator {
  package struct Plan: Sendable {
    let left, right, output: Operand
    let leftCount, rightCount: Int
    let isWide: Bool
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let (left, right) = (try node.input(0), try node.input(1))
    try node.require(left, .input(0), rank: 1)
    try node.require(right, .input(1), rank: 1)
    if left.isConstant && right.isConstant {
      let shapes = (Shape(try node.integers(0)), Shape(try node.integers(1)))
      guard let a = shapes.0, let b = shapes.1, Shape.broadcast(a, b) != nil else {
        throw PrepareError(.shapeMismatch, .input(1), remedy: "the two shapes do not broadcast to one")
      }
    }
    try node.setOutput(0, shape: Shape(of: max(left.count, right.count)))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (left, right, output) = (try node.input(0), try node.input(1), try node.output(0))
    guard left.type == .int32 || left.type == .int64 else {
      throw PrepareError(.typeUnsupported, .input(0), found: .type(left.type), expected: .type(.int32))
    }
    guard right.type == left.type else {
      throw PrepareError(.typeMismatch, .input(1), found: .type(right.type), expected: .type(left.type))
    }
    guard output.type == left.type else {
      throw PrepareError(.typeMismatch, .output(0), found: .type(output.type), expected: .type(left.type))
    }
    return Plan(
      left: node.operand(left), right: node.operand(right), output: node.operand(output), leftCount: left.count,
      rightCount: right.count, isWide: left.type == .int64)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    if plan.isWide { run(plan, invocation, as: Int64.self) } else { run(plan, invocation, as: Int32.self) }
  }

  private static func run<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ plan: Plan, _ invocation: borrowing Invocation, as: Integer.Type
  ) {
    let left = unsafe ConstantView<Integer>(invocation.pointer(plan.left), count: plan.leftCount)
    let right = unsafe ConstantView<Integer>(invocation.pointer(plan.right), count: plan.rightCount)
    let count = max(plan.leftCount, plan.rightCount)
    let output = invocation.view(plan.output, as: Integer.self, count: count)
    for index in 0..<count {
      let a = index + plan.leftCount - count
      let b = index + plan.rightCount - count
      let (one, other) = (a < 0 ? 1 : left[a], b < 0 ? 1 : right[b])
      output[index] = one == 1 ? other : other == 1 ? one : max(one, other)
    }
  }
}
