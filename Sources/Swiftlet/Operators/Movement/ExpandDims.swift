import ModelFormat

/// EXPAND_DIMS: adds a dimension of size 1 before dimension `axis` (a constant in -rank-1...rank).
package enum ExpandDims: Operator {
  package typealias Plan = Reshape.Plan

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    let shape = try node.input(0).shape
    let value = try node.shapeIntegers(1, count: 1)[0]
    let axis = value < 0 ? value &+ shape.rank &+ 1 : value
    guard axis >= 0, axis <= shape.rank else {
      throw PrepareError(.valueInvalid, .input(1), field: "axis", found: .int(value), expected: .int(shape.rank))
    }
    try node.setOutput(0, shape: shape.inserting(1, at: axis))
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Reshape.Plan { try Reshape.prepareView(node) }

  package static func run(_ plan: Reshape.Plan, _ invocation: borrowing Invocation) { Reshape.run(plan, invocation) }
}
