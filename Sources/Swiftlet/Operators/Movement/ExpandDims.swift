import ModelFormat

/// EXPAND_DIMS: adds a dimension of size 1 before dimension `axis` (a constant in -rank-1...rank).
package enum ExpandDims: AdaptableOperator {
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

  package static func adapt(_ plan: inout Reshape.Plan, to shapes: RunTimeShapes) -> Bool {
    let shape = shapes.shape(0)
    guard shapes.shape(1).elementCount == 1, let value = shapes.integer(1) else { return false }
    let axis = value < 0 ? value &+ shape.rank &+ 1 : value
    guard axis >= 0, axis <= shape.rank else { return false }
    return Reshape.adaptView(&plan, to: shape.inserting(1, at: axis), shapes)
  }

  package static func run(_ plan: Reshape.Plan, _ invocation: borrowing Invocation) { Reshape.run(plan, invocation) }
}
