internal import ModelFormat

/// One operator: its shape rule, its plan, and its execution.
///
/// - `infer` gives every output its shape (and its type where that is not the file's). It runs first, for all nodes, in
///   execution order; a node whose inputs are all constant is then prepared and run at once, and its outputs become
///   constants.
/// - `prepare` checks types, quantization and options and returns a plan of plain values: operands, counts, multipliers.
/// - `replan` makes the plan of a node that is prepared while running anew for other shapes. By default that is `prepare`,
///   whose memory is found again where it was, so that nothing is allocated unless `prepare` itself makes arrays.
/// - `run` executes the plan. It cannot fail, and it neither allocates, locks nor logs.
package protocol Operator: SendableMetatype {
  associatedtype Plan: Sendable

  static func infer(_ node: Node) throws(PrepareError)
  static func prepare(_ node: Node) throws(PrepareError) -> Plan
  /// Makes `plan`, which `prepare` returned for this node with other shapes, what it would return now. When it throws, the
  /// plan is not run before it has been made anew.
  static func replan(_ plan: inout Plan, _ node: Node) throws(PrepareError)
  static func run(_ plan: Plan, _ invocation: borrowing Invocation)
  /// A step that runs `plan`. Operators whose plan is one of several kinds choose here, once, rather than in every run.
  static func step(_ plan: Plan, node: Int) -> Step
}

extension Operator {
  package static func step(_ plan: Plan, node: Int) -> Step {
    Step(node: node) { invocation in run(plan, invocation) }
  }
}

extension Operator {
  package static func replan(_ plan: inout Plan, _ node: Node) throws(PrepareError) { plan = try prepare(node) }
}

/// What the operator table holds for one operator.
package struct OperatorEntry {
  package let infer: (Node) throws(PrepareError) -> Void
  package let prepare: (Node) throws(PrepareError) -> Step
  /// The latest version of the operator that the runtime accepts.
  package let latestVersion: Int
  package let traits: OperatorTraits
  /// As `prepare`, of a node that is prepared while running.
  let prepareRunTime: ((Node) throws(PrepareError) -> RunTimePlan)?

  init<O: Operator>(_: O.Type, upTo latestVersion: Int, _ traits: OperatorTraits = []) {
    infer = { node throws(PrepareError) in try O.infer(node) }
    prepare = { node throws(PrepareError) in
      O.step(try O.prepare(node), node: node.position)
    }
    prepareRunTime =
      Selection.hasRunTimeShapes ? { node throws(PrepareError) in RunTimePlanOf<O>(try O.prepare(node)) } : nil
    self.latestVersion = latestVersion
    self.traits = traits
  }

  init<O: AdaptableOperator>(_: O.Type, upTo latestVersion: Int, _ traits: OperatorTraits = []) {
    infer = { node throws(PrepareError) in try O.infer(node) }
    prepare = { node throws(PrepareError) in
      O.step(try O.prepare(node), node: node.position)
    }
    prepareRunTime =
      Selection.hasRunTimeShapes ? { node throws(PrepareError) in AdaptablePlanOf<O>(try O.prepare(node)) } : nil
    self.latestVersion = latestVersion
    self.traits = traits
  }
}

package struct OperatorTraits: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Reads or changes state beside its operands: never computed while preparing.
  package static let stateful = OperatorTraits(rawValue: 1)
  /// The result depends on the shape of the input alone, so it is a constant as soon as that is known.
  package static let dependsOnShapeOnly = OperatorTraits(rawValue: 2)
  /// Calls subgraphs, and takes operands of any shape, known or not.
  package static let callsSubgraphs = OperatorTraits(rawValue: 4)
}
