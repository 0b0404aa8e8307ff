import ModelFormat

/// Nodes whose shapes or values are known only while running.
extension SubgraphPreparation {
  /// Runs the shape rule of a node now, or leaves the node to be prepared while running: when an input has no shape yet,
  /// or when the rule needs the value of an input that is computed. False in the second case.
  func inferUnlessRunTime(_ node: Node, _ entry: OperatorEntry) throws(PrepareError) -> Bool {
    guard !entry.traits.contains(.callsSubgraphs) else {
      try entry.infer(node)
      return true
    }
    guard Selection.hasRunTimeShapes else {
      try entry.infer(node)
      return true
    }
    if let unknown = graph.nodes[node.index].inputs.firstIndex(where: { hasRunTimeShape($0) }) {
      guard !entry.traits.contains(.stateful) else {
        throw PrepareError(.dynamicShape, .input(unknown), remedy: "a variable needs a shape that does not change")
      }
      boundOutputs(node, entry)
      becomeRunTime(node.index)
      return false
    }
    do throws(PrepareError) {
      try entry.infer(node)
      return true
    } catch {
      guard dependsOnValues(node.index, entry.traits, error) else { throw error }
      boundOutputs(node, entry)
      becomeRunTime(node.index)
      return false
    }
  }

  private func hasRunTimeShape(_ tensor: Int) -> Bool {
    guard tensor >= 0, graph.tensors[tensor].shape == nil else { return false }
    if case .runTime = graph.tensors[tensor].storage { return true }
    return false
  }

  /// Whether `error` says that the node needs the value of a computed input which is small enough to compare with that of
  /// the invocation before: a shape, an axis, a count.
  func dependsOnValues(_ index: Int, _ traits: OperatorTraits, _ error: PrepareError) -> Bool {
    guard Selection.hasRunTimeShapes, !traits.contains(.stateful), !traits.contains(.callsSubgraphs), values == nil
    else { return false }
    return valueNeeded(by: index, error) != nil
  }

  /// The position of the input whose value `error` asks for.
  func valueNeeded(by index: Int, _ error: PrepareError) -> Int? {
    guard error.code == .dynamicShape || error.code == .notConstant, case .input(let position) = error.operand,
      position < graph.nodes[index].inputs.count, graph.nodes[index].inputs[position] >= 0
    else { return nil }
    let tensor = graph.tensors[graph.nodes[index].inputs[position]]
    switch tensor.storage {
    case .activation, .borrowed, .variable, .runTime: break
    case .constant, .resource: return nil
    }
    let count = tensor.shape?.elementCount ?? 0
    let isSmall = tensor.type == .float32 ? count <= 1 : count <= Self.valueLimit
    let isNumber = [.int16, .int32, .int64, .float32].contains(tensor.type)
    return isSmall && isNumber ? position : nil
  }

  /// Elements of an input that decides about a plan.
  private static let valueLimit = 1024

  private func becomeRunTime(_ index: Int) {
    graph.nodes[index].isRunTime = true
    for tensor in graph.nodes[index].outputs where tensor >= 0 {
      if case .runTime = graph.tensors[tensor].storage { continue }
      makeRunTime(tensor)
    }
  }

  // MARK: Bounds

  /// Gives the outputs the largest shape that they can have, where the inputs have one.
  private func boundOutputs(_ node: Node, _ entry: OperatorEntry) {
    let inputs = graph.nodes[node.index].inputs.filter { $0 >= 0 }
    let unknown = inputs.filter { hasRunTimeShape($0) }
    guard unknown.allSatisfy({ graph.tensors[$0].shapeBound != nil }) else { return }
    for tensor in unknown { graph.tensors[tensor].shape = graph.tensors[tensor].shapeBound }
    defer { for tensor in unknown { graph.tensors[tensor].shape = nil } }
    do throws(PrepareError) {
      try entry.infer(node)
    } catch {
      guard let shape = UpperBound.shape(of: node) else { return }
      for tensor in graph.nodes[node.index].outputs where tensor >= 0 { graph.tensors[tensor].shape = shape }
    }
    for tensor in graph.nodes[node.index].outputs where tensor >= 0 {
      guard let shape = graph.tensors[tensor].shape else { continue }
      graph.tensors[tensor].shape = nil
      graph.tensors[tensor].shapeBound = shape
      guard let bytes = graph.tensors[tensor].type.byteCount(of: shape.elementCount) else { continue }
      // A bound far above what is used would take memory from nothing: such tensors grow instead.
      if bytes <= program.options.memoryBudget / Self.boundShare { graph.tensors[tensor].byteBound = bytes }
    }
  }

  private static let boundShare = 16

  // MARK: Steps

  /// The step of a node that is prepared while running.
  func addRunTimeStep(_ index: Int) {
    let number = program.runTimeNodes.count
    program.runTimeNodes.append(nil)
    pendingRunTimeNodes.append((index, number))
    for tensor in graph.nodes[index].inputs + graph.nodes[index].outputs where tensor >= 0 { _ = operand(tensor) }
    steps.append(Step(node: graph.nodes[index].position) { invocation in invocation.run(runTimeNode: number) })
  }

  /// Keeps what preparing those nodes will need.
  func finishRunTimeNodes() {
    guard !pendingRunTimeNodes.isEmpty else { return }
    let template = RunTimeGraph(graph, number: program.runTimeGraphCount, operands: operands)
    program.runTimeGraphCount += 1
    for (index, number) in pendingRunTimeNodes {
      let node = graph.nodes[index]
      program.runTimeNodes[number] = RunTimeNode(
        graph: template, index: index, inputs: node.inputs.map { $0 < 0 ? nil : reference($0) },
        outputs: node.outputs.map { reference($0) })
    }
  }

  func reference(_ tensor: Int) -> TensorReference {
    let known = graph.tensors[tensor]
    var runTime: Int32 = -1
    if case .runTime(let number) = known.storage { runTime = Int32(number) }
    let shape = known.shape ?? .scalar
    let bytes = known.type.byteCount(of: shape.elementCount) ?? constant(tensor)?.count ?? 0
    return TensorReference(
      operand: operand(tensor), type: known.type, runTime: runTime, shape: shape, byteCount: bytes)
  }

  // MARK: Called subgraphs

  /// Takes what the caller gives for the inputs. Outputs are written where the caller wants them.
  func accept(_ arguments: [CallArgument]) throws(PrepareError) {
    for (position, tensor) in graph.inputs.enumerated() {
      let (info, argument) = (graph.tensors[tensor].info, arguments[position])
      guard !info.isVariable, graph.inputs.firstIndex(of: tensor) == position else {
        throw PrepareError(
          .variableInvalid, field: "input of the called subgraph", found: .int(position),
          remedy: "it is a variable, or stands in the list twice")
      }
      guard info.type == argument.type else {
        throw PrepareError(
          .typeMismatch, field: "input of the called subgraph", found: .type(info.type),
          expected: .type(argument.type))
      }
      graph.tensors[tensor].shape = argument.shape
      if let constant = argument.constant {
        graph.tensors[tensor].storage = .constant(constant)
      } else if let resource = argument.resource {
        graph.tensors[tensor].storage = .resource(resource)
      } else if argument.isRunTime {
        makeRunTime(tensor)
        graph.tensors[tensor].shape = argument.shape
      } else {
        graph.tensors[tensor].storage = .borrowed
      }
    }
    for tensor in graph.outputs where !graph.inputs.contains(tensor) {
      if case .activation = graph.tensors[tensor].storage { graph.tensors[tensor].storage = .borrowed }
    }
  }
}
