import ModelFormat

/// SQUEEZE: drops dimensions of size 1: those of option `squeeze_dims`, or all when it is empty.
package enum Squeeze: AdaptableOperator {
  package typealias Plan = Reshape.Plan

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    let shape = try node.input(0).shape
    let wanted = node.options.int32Vector(0)
    var isDropped = Array(repeating: false, count: shape.rank)
    for value in wanted {
      let axis = try node.axis(fromOption: value, rank: shape.rank)
      guard shape[axis] == 1 else {
        throw PrepareError(
          .shapeMismatch, .input(0), field: "squeezed dimension", found: .int(shape[axis]), expected: .int(1))
      }
      isDropped[axis] = true
    }
    let kept = (0..<shape.rank).filter { wanted.isEmpty ? shape[$0] != 1 : !isDropped[$0] }
    try node.setOutput(0, shape: Shape(kept.map { shape[$0] }))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Reshape.Plan {
    var plan = try Reshape.prepareView(node)
    if node.isRunTime { plan.wanted = node.options.int32Vector(0) }
    return plan
  }

  package static func adapt(_ plan: inout Reshape.Plan, to shapes: RunTimeShapes) -> Bool {
    let shape = shapes.shape(0)
    var dropped = 0
    for index in plan.wanted.indices {
      guard let axis = shape.normalized(axis: plan.wanted[index]), shape[axis] == 1 else { return false }
      dropped |= 1 << axis
    }
    for axis in 0..<shape.rank where plan.wanted.isEmpty && shape[axis] == 1 { dropped |= 1 << axis }
    var kept: InlineArray<8, Int> = InlineArray(repeating: 1)
    var rank = 0
    for axis in 0..<shape.rank where dropped & 1 << axis == 0 {
      kept[rank] = shape[axis]
      rank += 1
    }
    return Reshape.adaptView(&plan, to: Shape(rank: rank) { kept[$0] }, shapes)
  }

  package static func run(_ plan: Reshape.Plan, _ invocation: borrowing Invocation) { Reshape.run(plan, invocation) }
}
