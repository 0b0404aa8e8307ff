/// An operator whose plan can follow the shapes and values of the moment without looking at types, options and quantization
/// again: nothing is checked twice.
///
/// It concerns nodes that are prepared while running, see `RunTimeNode`. Their first plan comes from `prepare`, the others
/// from `adapt` or, where that declines, from `replan`.
package protocol AdaptableOperator: Operator {
  /// Makes `plan` what `prepare` would return for `shapes`, and gives the outputs their shapes.
  ///
  /// False when it cannot, or when `prepare` would refuse: `replan` then decides. Allocates nothing, except that outputs
  /// and scratch memory grow where they have never been as large.
  static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool
}

/// The plan of a node that is prepared while running.
package class RunTimePlan {
  /// Follows the shapes of the moment; false when `replan` has to.
  func adapt(to shapes: RunTimeShapes) -> Bool { false }
  /// Follows the shapes of the moment, after the operator's shape rule.
  func replan(_ node: Node) throws(PrepareError) {}
  func run(_ invocation: borrowing Invocation) {}
}

/// The plan of operator `O`.
final class RunTimePlanOf<O: Operator>: RunTimePlan {
  private var plan: O.Plan

  init(_ plan: O.Plan) { self.plan = plan }

  override func replan(_ node: Node) throws(PrepareError) { try O.replan(&plan, node) }
  override func run(_ invocation: borrowing Invocation) { O.run(plan, invocation) }
}

/// As `RunTimePlanOf`, of an adaptable operator.
final class AdaptablePlanOf<O: AdaptableOperator>: RunTimePlan {
  private var plan: O.Plan

  init(_ plan: O.Plan) { self.plan = plan }

  override func adapt(to shapes: RunTimeShapes) -> Bool { O.adapt(&plan, to: shapes) }
  override func replan(_ node: Node) throws(PrepareError) { try O.replan(&plan, node) }
  override func run(_ invocation: borrowing Invocation) { O.run(plan, invocation) }
}
