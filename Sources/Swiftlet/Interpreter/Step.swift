internal import ModelFormat

/// A prepared node, or a chain of nodes that run together: one closure over the plan.
package final class Step: Sendable {
  /// Index of the operator in the file's subgraph; of a chain the last one.
  package let node: Int
  /// All of them in their order; empty for a node alone.
  package let chain: [Int]
  /// What a chain would run in place of `run`; `nil` when the step can be in none.
  let rowwise: (any RowwisePlan)?
  /// Whether the step does nothing once all operands have their places; `nil` for those that always do something.
  let isIdle: (@Sendable (Places) -> Bool)?
  package let run: @Sendable (borrowing Invocation) -> Void

  init(
    node: Int, chain: [Int] = [], rowwise: (any RowwisePlan)? = nil,
    isIdle: (@Sendable (Places) -> Bool)? = nil, run: @escaping @Sendable (borrowing Invocation) -> Void
  ) {
    self.node = node
    self.chain = chain
    self.rowwise = Selection.hasRowChains ? rowwise : nil
    self.isIdle = isIdle
    self.run = run
  }
}

/// Where the planner has put the operands of a program.
package struct Places: Sendable {
  let slots: [Slot]

  /// Whether both lie in the arena, and one's byte number `firstOffset` is the other's byte number `secondOffset`.
  func coincide(_ first: Operand, _ second: Operand, firstOffset: Int = 0, secondOffset: Int = 0) -> Bool {
    guard case .arena(let begin) = slots[Int(first.slot)], case .arena(let other) = slots[Int(second.slot)] else {
      return false
    }
    return begin + firstOffset == other + secondOffset
  }
}

/// Steps in the order in which they run.
///
/// A walk over an array of objects counts a reference up and down for each of them, which takes as long as a small step.
/// Here the array keeps them alive, and whoever runs them borrows them.
@safe struct StepList: Sendable {
  /// All steps, idle ones included.
  let steps: [Step]
  private let active: [Unmanaged<Step>]

  /// Steps that are idle at `places` are left out of the walk; `nil` where operands may get other places while running.
  init(_ steps: [Step], places: Places?) {
    self.steps = steps
    unsafe active = steps.filter { step in
      guard let places, let isIdle = step.isIdle else { return true }
      return !isIdle(places)
    }.map { unsafe Unmanaged.passUnretained($0) }
  }

  /// The steps that do something.
  var indices: Range<Int> { unsafe active.indices }

  /// Index of the operator of step `index` of those.
  func node(_ index: Int) -> Int { unsafe active[index]._withUnsafeGuaranteedRef { $0.node } }

  @inline(__always)
  func run(_ index: Int, _ invocation: borrowing Invocation) {
    unsafe active[index]._withUnsafeGuaranteedRef { step in step.run(invocation) }
  }
}
