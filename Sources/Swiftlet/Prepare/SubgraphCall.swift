import ModelFormat

/// How a step runs a subgraph: which tensors of the caller stand for its inputs and outputs.
///
/// Inputs and most outputs are pointers to the caller's memory, so nothing is copied on the way in or out.
package struct SubgraphCall: Sendable {
  struct Operand: Sendable {
    let inner: TensorReference
    let outer: TensorReference
  }

  /// The number of the prepared instance.
  let instance: Int
  /// Without those that the instance has as constants or resources.
  let inputs: [Operand]
  /// Outputs that the subgraph writes into the caller's memory.
  let written: [Operand]
  /// Outputs that are copied: constants, variables, inputs, shapes known only while running.
  let copied: [Operand]

  /// Runs the subgraph. False when the invocation has failed.
  func run(_ invocation: borrowing Invocation) -> Bool {
    for index in inputs.indices { invocation.bind(inputs[index].inner, to: inputs[index].outer) }
    for index in written.indices {
      let operand = written[index]
      guard invocation.resize(operand.outer, to: operand.inner.shape) else { return false }
      invocation.bind(operand.inner, to: operand.outer)
    }
    guard invocation.run(instance: instance) else { return false }
    for index in copied.indices {
      guard invocation.copy(copied[index].inner, to: copied[index].outer) else { return false }
    }
    return true
  }
}

extension Node {
  /// What the caller knows of input `position`.
  func argument(_ position: Int) throws(PrepareError) -> CallArgument {
    let tensor = try inputIndex(position)
    let known = preparation.graph.tensors[tensor]
    guard !known.info.isSparse else { throw PrepareError.sparse(.input(position)) }
    var argument = CallArgument(type: known.type, shape: known.shape, isRunTime: false)
    switch known.storage {
    case .constant(let bytes): argument.constant = bytes
    case .resource(let number): argument.resource = number
    case .runTime: argument.isRunTime = true
    case .activation, .variable, .borrowed:
      guard known.shape != nil else { throw PrepareError(.dynamicShape, .input(position)) }
    }
    return argument
  }

  private func inputIndex(_ position: Int) throws(PrepareError) -> Int {
    let inputs = preparation.graph.nodes[index].inputs
    guard position < inputs.count, inputs[position] >= 0 else {
      throw PrepareError(.operandMissing, .input(position))
    }
    return inputs[position]
  }

  private func outputIndex(_ position: Int) -> Int { preparation.graph.nodes[index].outputs[position] }

  /// Input `position` in memory that a step may treat as computed: constants of the file are copied, as they stand there
  /// at any alignment.
  func reference(input position: Int) throws(PrepareError) -> TensorReference {
    let tensor = try inputIndex(position)
    let reference = preparation.reference(tensor)
    guard case .constant(.file(let range)) = preparation.graph.tensors[tensor].storage else { return reference }
    let copy = try unsafe packed(range.count) { target in
      unsafe target.copyMemory(from: preparation.model.bytes.base + range.lowerBound, byteCount: range.count)
    }
    return TensorReference(
      operand: copy, type: reference.type, runTime: -1, shape: reference.shape, byteCount: range.count)
  }

  func reference(output position: Int) -> TensorReference { preparation.reference(outputIndex(position)) }

  /// The number of the instance of subgraph `index` for `arguments`.
  func instance(of subgraph: Int, arguments: [CallArgument]) throws(PrepareError) -> Int {
    guard model.subgraphs.indices.contains(subgraph) else {
      throw PrepareError(
        .optionInvalid, field: "subgraph index", found: .int(subgraph), expected: .int(model.subgraphs.count - 1))
    }
    let count = model.subgraphs[subgraph].inputs.count
    guard count == arguments.count else {
      throw PrepareError(
        .operandCount, field: "number of inputs of the called subgraph", found: .int(count),
        expected: .int(arguments.count))
    }
    return try preparation.program.prepareSubgraph(subgraph, arguments: arguments)
  }

  private func prepared(_ instance: Int) -> SubgraphPreparation {
    guard let callee = preparation.program.instances[instance].preparation else {
      preconditionFailure("an instance has a number once it is prepared")
    }
    return callee
  }

  /// What the instance gives for each of `count` outputs.
  func results(of instance: Int, count: Int) throws(PrepareError) -> [CallArgument] {
    let graph = prepared(instance).graph
    guard graph.outputs.count == count else {
      throw PrepareError(
        .operandCount, field: "number of outputs of the called subgraph", found: .int(graph.outputs.count),
        expected: .int(count))
    }
    return graph.outputs.map { tensor in
      let known = graph.tensors[tensor]
      var result = CallArgument(type: known.type, shape: known.shape, isRunTime: known.shape == nil)
      if case .runTime = known.storage { result.isRunTime = true }
      if case .resource(let number) = known.storage { result.resource = number }
      return result
    }
  }

  /// Gives output `position` the type, shape and storage of a called subgraph's result.
  func setOutput(_ position: Int, as result: CallArgument) throws(PrepareError) {
    let declared = try declaredOutput(position)
    guard declared.type == result.type else {
      throw PrepareError(
        .typeMismatch, .output(position), found: .type(declared.type), expected: .type(result.type))
    }
    if let resource = result.resource {
      preparation.graph.tensors[outputIndex(position)].storage = .resource(resource)
      preparation.graph.tensors[outputIndex(position)].shape = .scalar
    } else if result.isRunTime {
      try setRunTimeOutput(position, bound: nil)
      preparation.graph.tensors[outputIndex(position)].shape = result.shape
    } else {
      try setOutput(position, shape: result.shape)
    }
  }

  /// Says that the shape of output `position` is known only while running; `bound` has no dimension below it.
  func setRunTimeOutput(_ position: Int, bound: Shape?) throws(PrepareError) {
    guard position < outputCount else { throw PrepareError(.operandMissing, .output(position)) }
    let tensor = outputIndex(position)
    let graph = preparation.graph
    switch graph.tensors[tensor].storage {
    case .runTime: break
    case .activation, .borrowed: preparation.makeRunTime(tensor)
    default: throw PrepareError(.variableInvalid, .output(position), field: "shape")
    }
    guard preparation.values == nil else { return }
    graph.tensors[tensor].shape = nil
    graph.tensors[tensor].shapeBound = bound
    if let bound {
      guard let bytes = graph.tensors[tensor].type.byteCount(of: bound.elementCount) else {
        throw PrepareError(.shapeUnsupported, .output(position), field: "shape", found: .shape(bound))
      }
      graph.tensors[tensor].byteBound = bytes
    }
  }

  /// How to run an instance with these tensors of the caller as inputs and outputs.
  func call(_ instance: Int, inputs: [TensorReference?], outputs: [TensorReference?]) -> SubgraphCall {
    let callee = prepared(instance)
    let graph = callee.graph
    preparation.program.isGuarded = true
    preparation.callees.append(instance)
    var given: [SubgraphCall.Operand] = []
    for (position, tensor) in graph.inputs.enumerated() {
      guard let outer = inputs[position], !callee.isFixed(tensor) else { continue }
      given.append(SubgraphCall.Operand(inner: callee.reference(tensor), outer: outer))
    }
    var (written, copied): ([SubgraphCall.Operand], [SubgraphCall.Operand]) = ([], [])
    for (position, tensor) in graph.outputs.enumerated() {
      guard let outer = outputs[position] else { continue }
      let operand = SubgraphCall.Operand(inner: callee.reference(tensor), outer: outer)
      if callee.isWrittenOutside(tensor), graph.outputs.firstIndex(of: tensor) == position {
        written.append(operand)
      } else {
        copied.append(operand)
      }
    }
    return SubgraphCall(instance: instance, inputs: given, written: written, copied: copied)
  }
}

extension SubgraphPreparation {
  /// Whether an input needs nothing from the caller while running.
  func isFixed(_ tensor: Int) -> Bool {
    switch graph.tensors[tensor].storage {
    case .constant, .resource: true
    default: false
    }
  }

  /// Whether an output has no memory of its own.
  func isWrittenOutside(_ tensor: Int) -> Bool {
    guard case .borrowed = graph.tensors[tensor].storage else { return false }
    return !graph.inputs.contains(tensor)
  }
}
