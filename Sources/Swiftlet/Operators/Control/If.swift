import ModelFormat

/// IF: runs one of two subgraphs on inputs 1 and up; input 0, a bool, says which.
///
/// Both give outputs of the same types. Where their shapes differ, the output's shape is known only while running.
package enum If: Operator {
  package struct Plan: Sendable {
    let condition: Operand
    let then, otherwise: SubgraphCall
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    let (then, otherwise) = try instances(node)
    let results = try node.results(of: then, count: node.outputCount)
    let others = try node.results(of: otherwise, count: node.outputCount)
    for position in 0..<node.outputCount {
      var (result, other) = (results[position], others[position])
      guard result.type == other.type else {
        throw PrepareError(
          .typeMismatch, .output(position), field: "type of the else branch", found: .type(other.type),
          expected: .type(result.type))
      }
      guard result.resource == other.resource else {
        throw PrepareError(.variableInvalid, .output(position), remedy: "both branches have to give one resource")
      }
      if result.isRunTime || other.isRunTime || result.shape != other.shape {
        result.isRunTime = true
        if result.shape != other.shape { result.shape = nil }
      }
      try node.setOutput(position, as: result)
    }
  }

  private static func instances(_ node: Node) throws(PrepareError) -> (then: Int, otherwise: Int) {
    guard node.inputCount >= 1 else {
      throw PrepareError(.operandCount, field: "number of inputs", found: .int(0), expected: .int(1))
    }
    try node.expectCondition(try node.input(0), .input(0))
    var arguments: [CallArgument] = []
    for position in 1..<node.inputCount { arguments.append(try node.argument(position)) }
    return (
      try node.instance(of: node.options.int32(0), arguments: arguments),
      try node.instance(of: node.options.int32(1), arguments: arguments)
    )
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let (then, otherwise) = try instances(node)
    var inputs: [TensorReference?] = []
    for position in 1..<node.inputCount { inputs.append(try node.passedReference(position)) }
    let outputs = (0..<node.outputCount).map { node.givenReference($0) }
    return Plan(
      condition: node.operand(try node.input(0)), then: node.call(then, inputs: inputs, outputs: outputs),
      otherwise: node.call(otherwise, inputs: inputs, outputs: outputs))
  }

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let condition = invocation.view(plan.condition, as: UInt8.self, count: 1)[0]
    _ = condition != 0 ? plan.then.run(invocation) : plan.otherwise.run(invocation)
  }
}

extension Node {
  /// Refuses anything but one bool.
  func expectCondition(_ tensor: Tensor, _ operand: PrepareError.OperandReference) throws(PrepareError) {
    guard tensor.type == .bool else {
      throw PrepareError(.typeMismatch, operand, field: "condition", found: .type(tensor.type), expected: .type(.bool))
    }
    guard tensor.count == 1 else {
      throw PrepareError(
        .shapeMismatch, operand, field: "elements of the condition", found: .int(tensor.count), expected: .int(1))
    }
  }

  /// Input `position` for a call; `nil` for what the called subgraph has as a constant or a resource.
  func passedReference(_ position: Int) throws(PrepareError) -> TensorReference? {
    let argument = try argument(position)
    guard argument.constant == nil, argument.resource == nil else { return nil }
    return try reference(input: position)
  }

  /// Output `position` for a call; `nil` for resources.
  func givenReference(_ position: Int) -> TensorReference? {
    let tensor = preparation.graph.nodes[index].outputs[position]
    if case .resource = preparation.graph.tensors[tensor].storage { return nil }
    return reference(output: position)
  }
}
