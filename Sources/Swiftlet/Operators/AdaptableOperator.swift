/// An operator whose plan can follow the shapes and values of the moment without being prepared anew: nothing is checked
/// twice, packed or allocated.
///
/// It concerns nodes that are prepared while running, see `RunTimeNode`. The first plan comes from `prepare`, all others
/// from `adapt`.
package protocol AdaptableOperator: Operator {
  /// Makes `plan` what `prepare` would return for `shapes`, and gives the outputs their shapes.
  ///
  /// False when it cannot, or when `prepare` would refuse: `prepare` then decides. Allocates nothing, except that outputs
  /// and scratch memory grow where they have never been as large.
  static func adapt(_ plan: inout Plan, to shapes: RunTimeShapes) -> Bool
}

/// A plan that can follow other shapes.
package class AdaptablePlan {
  func adapt(to shapes: RunTimeShapes) -> Bool { false }
  func run(_ invocation: borrowing Invocation) {}
}

/// The plan of operator `O`.
final class AdaptablePlanOf<O: AdaptableOperator>: AdaptablePlan {
  private var plan: O.Plan

  init(_ plan: O.Plan) { self.plan = plan }

  override func adapt(to shapes: RunTimeShapes) -> Bool { O.adapt(&plan, to: shapes) }
  override func run(_ invocation: borrowing Invocation) { O.run(plan, invocation) }
}
