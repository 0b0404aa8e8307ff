import CKernels
import ModelFormat

/// SELECT and SELECT_V2: elements of input 1 where the bool input 0 holds, else of input 2.
///
/// SELECT_V2 broadcasts all three. In SELECT the inputs 1 and 2 have one shape and the condition has it too, is a scalar,
/// or has one element for each index of the first dimension.
package enum Select: AdaptableOperator {
  package struct Plan: Sendable {
    let condition, a, b, output: Operand
    let elementBytes: Int
    let isVersion2: Bool
    var shape: swl_broadcast
    var items, grain: Int
  }

  private static let selectV2 = 123

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 3...3, outputs: 1)
    let condition = try conditionShape(node)
    let values = try BinaryOperands.broadcastShape(node, 1, 2)
    let (first, second) = (try node.input(1).shape, try node.input(2).shape)
    guard node.code.builtin == selectV2 || first == second else {
      throw PrepareError(
        .shapeMismatch, .input(2), field: "shape", found: .shape(second), expected: .shape(first))
    }
    guard let shape = Shape.broadcast(condition, values), node.code.builtin == selectV2 || shape == values else {
      throw PrepareError(
        .shapeMismatch, .input(0), field: "shape that broadcasts", found: .shape(condition), expected: .shape(values))
    }
    try node.setOutput(0, shape: shape)
  }

  /// The condition's shape, with ones behind it where SELECT takes one element for each index of the first dimension.
  private static func conditionShape(_ node: Node) throws(PrepareError) -> Shape {
    conditionShape(try node.input(0).shape, values: try node.input(1).shape, isVersion2: node.code.builtin == selectV2)
  }

  private static func conditionShape(_ condition: Shape, values: Shape, isVersion2: Bool) -> Shape {
    guard !isVersion2, condition.rank == 1, values.rank > 1, condition[0] == values[0],
      let shape = Shape(rank: values.rank, { $0 == 0 ? condition[0] : 1 })
    else { return condition }
    return shape
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (condition, a, b, output) = (try node.input(0), try node.input(1), try node.input(2), try node.output(0))
    try node.expectType(of: condition, .input(0), among: .bool)
    try node.expectType(of: b, .input(2), toBeThatOf: a)
    try node.expectType(of: output, .output(0), toBeThatOf: a)
    guard [8, 16, 32, 64].contains(a.type.bitWidth) else {
      throw PrepareError(.typeUnsupported, .input(1), found: .type(a.type), expected: .type(.float32))
    }
    let shape = Broadcast.make(try conditionShape(node), a.shape, b.shape)
    let items = Broadcast.items(shape)
    if a.count == output.count { node.allowInPlace(input: 1) }
    if b.count == output.count { node.allowInPlace(input: 2) }
    return Plan(
      condition: node.operand(condition), a: try node.alignedOperand(a), b: try node.alignedOperand(b),
      output: node.operand(output), elementBytes: a.type.bitWidth / 8, isVersion2: node.code.builtin == selectV2,
      shape: shape, items: items, grain: Broadcast.grain(1 << 15, output.count, items))
  }

  package static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool {
    let (a, b) = (shapes.shape(1), shapes.shape(2))
    let condition = conditionShape(shapes.shape(0), values: a, isVersion2: plan.isVersion2)
    guard plan.isVersion2 || a == b, let values = Shape.broadcast(a, b),
      let output = Shape.broadcast(condition, values), plan.isVersion2 || output == values
    else { return false }
    plan.shape = Broadcast.make(condition, a, b)
    plan.items = Broadcast.items(plan.shape)
    plan.grain = Broadcast.grain(1 << 15, output.elementCount, plan.items)
    return shapes.set(0, to: output)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let condition = unsafe invocation.pointer(plan.condition).assumingMemoryBound(to: UInt8.self)
    let a = unsafe invocation.pointer(plan.a)
    let b = unsafe invocation.pointer(plan.b)
    let output = unsafe invocation.pointer(plan.output)
    invocation.parallel(count: plan.items, grain: plan.grain) { begin, end, _ in
      unsafe withUnsafePointer(to: plan.shape) { shape in
        unsafe swl_select(plan.elementBytes, shape, condition, a, b, output, begin, end)
      }
    }
  }
}
