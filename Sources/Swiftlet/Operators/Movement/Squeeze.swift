import ModelFormat

/// SQUEEZE: drops dimensions of size 1: those of option `squeeze_dims`, or all when it is empty.
package enum Squeeze: Operator {
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

  package static func prepare(_ node: Node) throws(PrepareError) -> Reshape.Plan { try Reshape.prepareView(node) }

  package static func run(_ plan: Reshape.Plan, _ invocation: borrowing Invocation) { Reshape.run(plan, invocation) }
}
