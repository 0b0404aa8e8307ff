internal import CPlatform
internal import ModelFormat

/// Nodes that are prepared in the middle of an invocation. Each has one plan, which follows shapes and values without
/// allocation once the largest have been seen.
extension RunState {
  func run(node number: Int, _ invocation: borrowing Invocation) {
    let node = program.runTimeNodes[number]
    let step = steps[number]
    if step.fits(node, invocation) {
      guard install(step.memory), resizeOutputs(step, node, invocation) else { return }
    } else if step.isWhole, let plan = step.plan, plan.adapt(to: RunTimeShapes(node, step.memory, copy invocation)) {
      step.isPlanned = false
      guard install(step.memory) else { return }
    } else {
      guard !hasFailed, replan(step, node, invocation), install(step.memory),
        resizeOutputs(step, node, invocation)
      else { return }
    }
    step.plan?.run(invocation)
  }

  private func resizeOutputs(_ step: RunTimeStep, _ node: RunTimeNode, _ invocation: borrowing Invocation) -> Bool {
    for index in node.outputs.indices {
      guard let shape = step.results[index] else { continue }
      guard invocation.resize(node.outputs[index], to: shape) else { return false }
    }
    return true
  }

  /// Points the slots behind the program's at the plan's memory.
  private func install(_ memory: RunTimeMemory) -> Bool {
    if memory.scratchBytes > pool.capacity {
      guard grow(&pool, to: memory.scratchBytes) else { return false }
    }
    for index in memory.areas.indices {
      switch memory.areas[index] {
      case .owned(let bytes, _, _): unsafe slots[memory.firstSlot + index] = bytes.base
      case .scratch(let offset, _):
        unsafe slots[memory.firstSlot + index] = unsafe pool.owned.map { unsafe $0 + offset }
      }
    }
    return true
  }

  // MARK: Planning

  /// Plans the node with the shapes of its inputs, and with the values of those that its operator asks for. False when that
  /// is refused, which ends the invocation.
  private func replan(_ step: RunTimeStep, _ node: RunTimeNode, _ invocation: borrowing Invocation) -> Bool {
    do throws(PrepareError) {
      do throws(PrepareError) {
        try plan(step, node, invocation)
      } catch {
        guard error.code == .memoryBudget, forgetAll() else { throw error }
        try plan(step, node, invocation)
      }
      return true
    } catch {
      fail(.refused(error))
      return false
    }
  }

  /// Lets go of all plans. False when there was nothing to forget.
  private func forgetAll() -> Bool {
    var freed = 0
    for number in steps.indices { freed += steps[number].forget() }
    extraBytes -= freed
    return freed > 0
  }

  private func plan(
    _ step: RunTimeStep, _ node: RunTimeNode, _ invocation: borrowing Invocation
  ) throws(PrepareError) {
    (step.isPlanned, step.isWhole) = (false, false)
    let subgraph = preparation(of: node.graph)
    let before = step.memory.ownedBytes
    defer { extraBytes += step.memory.ownedBytes - before }
    while true {
      begin(subgraph, step, node, invocation)
      do throws(PrepareError) {
        try subgraph.located(node.index) { () throws(PrepareError) in try plan(step, node, subgraph) }
        break
      } catch {
        guard let position = subgraph.valueNeeded(by: node.index, error), !step.needsValue(of: position) else {
          throw error
        }
        step.addValue(of: position)
      }
    }
    step.memory.placeScratch()
    step.note(node, invocation) { subgraph.graph.tensors[node.graph.nodes[node.index].outputs[$0]].shape }
  }

  /// The graph in which the nodes of `template` are planned, one after another.
  private func preparation(of template: RunTimeGraph) -> SubgraphPreparation {
    if let known = preparations[template.number] { return known }
    let program = ProgramPreparation(program, budget: 0)
    let preparation = SubgraphPreparation(program: program, template: template)
    preparations[template.number] = preparation
    return preparation
  }

  /// Gives the node's tensors the shapes and values of the moment.
  private func begin(
    _ subgraph: SubgraphPreparation, _ step: RunTimeStep, _ node: RunTimeNode, _ invocation: borrowing Invocation
  ) {
    subgraph.program.setBudget(
      beyondUsed: max(0, program.options.memoryBudget - program.reservedBytes - extraBytes))
    step.memory.begin()
    subgraph.knownMemory = step.memory
    subgraph.knownValues?.removeAll()
    let (inputs, outputs) = (node.graph.nodes[node.index].inputs, node.graph.nodes[node.index].outputs)
    for index in step.values.indices {
      guard let input = node.inputs[step.values[index].position] else { continue }
      unsafe subgraph.knownValues?.add(
        inputs[step.values[index].position], at: UnsafeRawPointer(invocation.pointer(input.operand)))
    }
    for index in node.inputs.indices {
      guard let input = node.inputs[index] else { continue }
      subgraph.graph.tensors[inputs[index]].shape = invocation.shape(input)
    }
    for index in node.outputs.indices where node.outputs[index].isRunTime && node.outputs[index].type != .string {
      subgraph.graph.tensors[outputs[index]].shape = nil
    }
  }

  private func plan(
    _ step: RunTimeStep, _ node: RunTimeNode, _ subgraph: SubgraphPreparation
  ) throws(PrepareError) {
    let entry: OperatorEntry
    if let known = step.entry {
      entry = known
    } else {
      entry = try subgraph.entry(of: node.index)
      step.entry = entry
    }
    let prepared = Node(preparation: subgraph, index: node.index)
    try entry.infer(prepared)
    if let plan = step.plan { try plan.replan(prepared) } else { step.plan = try entry.prepareRunTime?(prepared) }
    try expectFixedShapes(node, subgraph)
    guard step.memory.areas.count <= Self.spareSlots, !step.memory.isAskedForState else {
      throw PrepareError(.shapeUnsupported, field: "memory that is kept while running")
    }
  }

  /// Outputs that have a place in the arena keep the shape for which it was made.
  private func expectFixedShapes(_ node: RunTimeNode, _ subgraph: SubgraphPreparation) throws(PrepareError) {
    for index in node.outputs.indices where !node.outputs[index].isRunTime {
      guard subgraph.graph.tensors[node.graph.nodes[node.index].outputs[index]].shape == node.outputs[index].shape
      else {
        throw PrepareError(.shapeMismatch, .output(index), expected: .shape(node.outputs[index].shape))
      }
    }
  }
}
