import ModelFormat

/// DENSIFY: all elements of a constant that the file stores sparsely.
///
/// Whoever reads a sparse constant gets all of them (`SubgraphPreparation.expand`), so this only hands them on.
package enum Densify: AdaptableOperator {
  package typealias Plan = Reshape.Plan

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    try node.setOutput(0, shape: try node.input(0).shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Reshape.Plan { try Reshape.prepareView(node) }

  package static func adapt(_ plan: inout Reshape.Plan, to shapes: RunTimeShapes) -> Bool {
    Reshape.adaptView(&plan, to: shapes.shape(0), shapes)
  }

  package static func run(_ plan: Reshape.Plan, _ invocation: borrowing Invocation) { Reshape.run(plan, invocation) }
}
