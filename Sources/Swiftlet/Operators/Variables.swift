import ModelFormat

/// VAR_HANDLE: the handle of the variable called (`container`, `shared_name`). Nothing to run.
package enum VarHandle: Operator {
  package typealias Plan = Void

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 0...0, outputs: 1)
    let declared = try node.declaredOutput(0)
    guard declared.type == .resource else {
      throw PrepareError(.typeMismatch, .output(0), found: .type(declared.type), expected: .type(.resource))
    }
    try node.bindVariable(0, container: node.options.text(0), name: node.options.text(1))
  }

  package static func prepare(_ node: Node) throws(PrepareError) {}
  package static func step(_ plan: Void, node: Int) -> Step { Step(node: node, isIdle: { _ in true }) { _ in } }
  package static func run(_ plan: Void, _ invocation: borrowing Invocation) {}
}

/// READ_VARIABLE: a copy of the variable. One that was never assigned reads as zero (the zero point).
package enum ReadVariable: Operator {
  package struct Plan: Sendable {
    let variable, output: Operand
    let byteCount: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    let declared = try node.declaredOutput(0)
    guard !declared.shapeSignature.contains(-1), let shape = Shape(declared.shape) else {
      throw PrepareError(.dynamicShape, .output(0), remedy: "give the variable a fixed shape")
    }
    try node.setOutput(0, shape: shape)
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let output = try node.output(0)
    let variable = try node.variable(0, type: output.type, shape: output.shape, zeroPoint: output.zeroPoint)
    return Plan(variable: variable, output: node.operand(output), byteCount: output.byteCount)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.view(plan.output, as: UInt8.self, count: plan.byteCount)
      .copy(from: invocation.view(plan.variable, as: UInt8.self, count: plan.byteCount))
  }
}

/// ASSIGN_VARIABLE: copies input 1 into the variable whose handle is input 0. No outputs.
package enum AssignVariable: Operator {
  package struct Plan: Sendable {
    let variable, value: Operand
    let byteCount: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) { try node.expect(inputs: 2...2, outputs: 0) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let value = try node.input(1)
    let variable = try node.variable(0, type: value.type, shape: value.shape, zeroPoint: value.zeroPoint)
    return Plan(variable: variable, value: node.operand(value), byteCount: value.byteCount)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    invocation.view(plan.variable, as: UInt8.self, count: plan.byteCount)
      .copy(from: invocation.view(plan.value, as: UInt8.self, count: plan.byteCount))
  }
}

/// CALL_ONCE: runs subgraph `init_subgraph_index` the first time the interpreter comes by, and never again until the
/// variables are reset.
package enum CallOnce: Operator {
  package struct Plan: Sendable {
    let isDone: Operand
    let instance: Int
  }

  package static func infer(_ node: Node) throws(PrepareError) { try node.expect(inputs: 0...0, outputs: 0) }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let subgraph = node.options.int32(0)
    if node.model.subgraphs.indices.contains(subgraph) {
      let called = node.model.subgraphs[subgraph]
      guard called.inputs.isEmpty, called.outputs.isEmpty else {
        throw PrepareError(
          .optionInvalid, field: "number of operands of the initial subgraph",
          found: .int(called.inputs.count + called.outputs.count), expected: .int(0))
      }
    }
    let instance = try node.instance(of: subgraph, arguments: [])
    node.preparation.callees.append(instance)
    return Plan(isDone: node.state(1), instance: instance)
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let isDone = invocation.view(plan.isDone, as: UInt8.self, count: 1)
    guard isDone[0] == 0, invocation.run(instance: plan.instance) else { return }
    isDone[0] = 1
  }
}
