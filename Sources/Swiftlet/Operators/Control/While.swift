import ModelFormat

/// WHILE: runs the body subgraph on the loop's variables as long as the condition subgraph says so.
///
/// Inputs are the first values of the variables, outputs the last. A variable whose shape the body changes has a shape
/// known only while running. Each other variable has two places, its output and scratch memory: an iteration reads one
/// and writes the other, so nothing is copied between iterations.
package enum While: Operator {
  package struct Plan: Sendable {
    let variables: [Variable]
    /// One byte for each variable: where its current value is.
    let places: Operand
    let flag: TensorReference
    let condition, body: SubgraphCall
  }

  struct Variable: Sendable {
    let first, last, spare: TensorReference
    /// In the subgraphs; `nil` for constants and resources, which never change.
    let inCondition, inBody: TensorReference?
    /// The body's output; `nil` when the body hands its input through.
    let result: TensorReference?
    /// Whether the body writes `result` where it is told to.
    let isWritten: Bool
  }

  private enum Place {
    static let first: UInt8 = 0
    static let last: UInt8 = 1
    static let spare: UInt8 = 2
  }

  // MARK: Preparing

  private struct Loop {
    let condition, body: Int
    let arguments: [CallArgument]
  }

  package static func infer(_ node: Node) throws(PrepareError) {
    guard node.inputCount == node.outputCount else {
      throw PrepareError(
        .operandCount, field: "number of outputs", found: .int(node.outputCount), expected: .int(node.inputCount))
    }
    let loop = try loop(node)
    for position in 0..<node.outputCount { try node.setOutput(position, as: loop.arguments[position]) }
  }

  /// Prepares the body with shapes that it gives back unchanged: a variable whose shape changes is left open.
  private static func loop(_ node: Node) throws(PrepareError) -> Loop {
    let forwarded = try forwarded(node)
    var arguments: [CallArgument] = []
    for position in 0..<node.inputCount {
      let argument = try node.argument(position)
      guard argument.resource == nil || forwarded[position] else {
        throw PrepareError(.variableInvalid, .input(position), remedy: "the body has to hand the resource through")
      }
      arguments.append(forwarded[position] ? argument : argument.varying(shape: argument.shape != nil))
    }
    var body = try node.instance(of: node.options.int32(1), arguments: arguments)
    for round in 0... {
      let results = try node.results(of: body, count: node.inputCount)
      guard try open(&arguments, results, forwarded, all: round >= roundLimit) else { break }
      body = try node.instance(of: node.options.int32(1), arguments: arguments)
    }
    let condition = try node.instance(of: node.options.int32(0), arguments: arguments)
    return Loop(condition: condition, body: body, arguments: arguments)
  }

  /// After so many rounds every shape is left open, not only those that changed.
  private static let roundLimit = 3

  /// By variable: whether the body hands its input through.
  private static func forwarded(_ node: Node) throws(PrepareError) -> [Bool] {
    let index = node.options.int32(1)
    guard node.model.subgraphs.indices.contains(index) else {
      throw PrepareError(.optionInvalid, field: "body subgraph", found: .int(index))
    }
    let body = node.model.subgraphs[index]
    return (0..<node.inputCount).map {
      $0 < body.inputs.count && $0 < body.outputs.count && body.inputs[$0] == body.outputs[$0]
    }
  }

  /// Leaves the shapes open that `results` do not keep. False when they keep all.
  private static func open(
    _ arguments: inout [CallArgument], _ results: [CallArgument], _ forwarded: [Bool], all: Bool
  ) throws(PrepareError) -> Bool {
    var changes = false
    for position in arguments.indices where !forwarded[position] {
      guard results[position].type == arguments[position].type, results[position].resource == nil else {
        throw PrepareError(
          .typeMismatch, .output(position), field: "type of the body's result",
          found: .type(results[position].type), expected: .type(arguments[position].type))
      }
      guard let shape = arguments[position].shape, results[position].shape != shape else { continue }
      arguments[position] = arguments[position].varying(shape: false)
      changes = true
    }
    guard changes, all else { return changes }
    for position in arguments.indices where !forwarded[position] {
      arguments[position] = arguments[position].varying(shape: false)
    }
    return true
  }

  package static func prepare(_ node: Node) throws(PrepareError) -> Plan {
    let loop = try loop(node)
    let flag = try flag(node, loop.condition)
    let nothing: [TensorReference?] = Array(repeating: nil, count: node.inputCount)
    var variables: [Variable] = []
    for position in 0..<node.inputCount {
      guard let last = node.givenReference(position) else { continue }
      variables.append(try variable(node, position, loop, last))
    }
    return Plan(
      variables: variables, places: node.scratch(variables.count), flag: flag,
      condition: node.call(loop.condition, inputs: nothing, outputs: [flag]),
      body: node.call(loop.body, inputs: nothing, outputs: nothing))
  }

  private static func flag(_ node: Node, _ condition: Int) throws(PrepareError) -> TensorReference {
    let result = try node.results(of: condition, count: 1)[0]
    guard result.type == .bool else {
      throw PrepareError(
        .typeMismatch, field: "condition", found: .type(result.type), expected: .type(.bool))
    }
    guard result.shape?.elementCount == 1 else {
      throw PrepareError(
        .shapeMismatch, field: "elements of the condition",
        found: result.shape.map { .int($0.elementCount) } ?? .text("unknown"), expected: .int(1))
    }
    return TensorReference(
      operand: node.scratch(1), type: .bool, runTime: -1, shape: result.shape ?? .scalar, byteCount: 1)
  }

  private static func variable(
    _ node: Node, _ position: Int, _ loop: Loop, _ last: TensorReference
  ) throws(PrepareError) -> Variable {
    let result = node.result(position, of: loop.body)
    return Variable(
      first: try node.reference(input: position), last: last,
      spare: result.reference == nil ? last : node.spare(like: last),
      inCondition: node.parameter(position, of: loop.condition), inBody: node.parameter(position, of: loop.body),
      result: result.reference, isWritten: result.isWritten)
  }

  // MARK: Running

  package static func run(_ plan: Plan, _ invocation: borrowing Invocation) {
    let places = invocation.view(plan.places, as: UInt8.self, count: plan.variables.count)
    places.fill(with: Place.first)
    while true {
      for index in plan.variables.indices {
        guard let inner = plan.variables[index].inCondition else { continue }
        invocation.bind(inner, to: current(plan.variables[index], places[index]))
      }
      guard plan.condition.run(invocation) else { return }
      guard invocation.view(plan.flag.operand, as: UInt8.self, count: 1)[0] != 0 else { break }
      guard runBody(plan, places, invocation) else { return }
    }
    for index in plan.variables.indices where places[index] != Place.last {
      let variable = plan.variables[index]
      guard invocation.copy(current(variable, places[index]), to: variable.last) else { return }
    }
  }

  private static func current(_ variable: Variable, _ place: UInt8) -> TensorReference {
    place == Place.first ? variable.first : place == Place.last ? variable.last : variable.spare
  }

  private static func target(_ variable: Variable, _ place: UInt8) -> TensorReference {
    place == Place.last ? variable.spare : variable.last
  }

  private static func runBody(
    _ plan: Plan, _ places: View<UInt8>, _ invocation: borrowing Invocation
  ) -> Bool {
    for index in plan.variables.indices {
      let variable = plan.variables[index]
      if let inner = variable.inBody { invocation.bind(inner, to: current(variable, places[index])) }
      guard variable.isWritten, let result = variable.result else { continue }
      let target = target(variable, places[index])
      guard invocation.resize(target, to: result.shape) else { return false }
      invocation.bind(result, to: target)
    }
    guard plan.body.run(invocation) else { return false }
    for index in plan.variables.indices where !plan.variables[index].isWritten {
      let variable = plan.variables[index]
      guard let result = variable.result else { continue }
      guard invocation.copy(result, to: target(variable, places[index])) else { return false }
    }
    for index in plan.variables.indices where plan.variables[index].result != nil {
      places[index] = places[index] == Place.last ? Place.spare : Place.last
    }
    return true
  }
}

extension Node {
  /// Input `position` of an instance; `nil` when it needs nothing while running.
  fileprivate func parameter(_ position: Int, of instance: Int) -> TensorReference? {
    guard let callee = preparation.program.instances[instance].preparation else { return nil }
    let tensor = callee.graph.inputs[position]
    return callee.isFixed(tensor) ? nil : callee.reference(tensor)
  }

  /// Output `position` of an instance, no reference when it is input `position`, and whether it is written outside.
  fileprivate func result(_ position: Int, of instance: Int) -> (reference: TensorReference?, isWritten: Bool) {
    guard let callee = preparation.program.instances[instance].preparation else { return (nil, false) }
    let (inputs, outputs) = (callee.graph.inputs, callee.graph.outputs)
    let tensor = outputs[position]
    guard inputs[position] != tensor else { return (nil, false) }
    let isFirst = outputs.firstIndex(of: tensor) == position
    return (callee.reference(tensor), isFirst && callee.isWrittenOutside(tensor))
  }

  /// Another place for the values of `tensor`.
  fileprivate func spare(like tensor: TensorReference) -> TensorReference {
    guard tensor.isRunTime else {
      return TensorReference(
        operand: scratch(tensor.byteCount), type: tensor.type, runTime: -1, shape: tensor.shape,
        byteCount: tensor.byteCount)
    }
    let (number, operand) = preparation.program.addRunTimeTensor(tensor.type, shape: tensor.shape)
    return TensorReference(
      operand: operand, type: tensor.type, runTime: Int32(number), shape: tensor.shape, byteCount: 0)
  }
}
