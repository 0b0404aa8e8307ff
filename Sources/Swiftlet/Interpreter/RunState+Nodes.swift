internal import CPlatform
internal import ModelFormat

/// The plan of a node for certain shapes and values of its inputs.
@safe final class RunTimeVariant {
  /// By input; scalars for inputs that are absent.
  let shapes: [Shape]
  /// Inputs whose values the plan depends on, and those values.
  let values: [(position: Int, bytes: [UInt8])]
  /// By output; `nil` where the step itself finds out.
  let results: [Shape?]
  let work: Work
  /// Slots behind those of the program, from `firstSlot`: memory of the plan, or an offset in the pool.
  private(set) var spares: [Spare]
  private let firstSlot: Int
  private(set) var scratchBytes = 0
  let ownedBytes: Int
  var lastUse = 0

  enum Work {
    case step(Step)
    case adaptable(AdaptablePlan)
  }

  enum Spare {
    case owned(OwnedBytes)
    case scratch(offset: Int, byteCount: Int)
    case none
  }

  init(
    shapes: [Shape], values: [(position: Int, bytes: [UInt8])], results: [Shape?], work: Work, spares: [Spare],
    firstSlot: Int, ownedBytes: Int
  ) {
    self.shapes = shapes
    self.values = values
    self.results = results
    self.work = work
    self.spares = spares
    self.firstSlot = firstSlot
    self.ownedBytes = ownedBytes
    placeScratch()
  }

  /// Changes the size of the scratch memory behind `slot`.
  func resize(scratch slot: Int, to byteCount: Int) {
    guard case .scratch(let offset, let former) = spares[slot - firstSlot], former != byteCount else { return }
    spares[slot - firstSlot] = .scratch(offset: offset, byteCount: byteCount)
    placeScratch()
  }

  /// Puts the areas one after another.
  private func placeScratch() {
    scratchBytes = 0
    for index in spares.indices {
      guard case .scratch(_, let byteCount) = spares[index] else { continue }
      spares[index] = .scratch(offset: scratchBytes, byteCount: byteCount)
      scratchBytes = scratchBytes.addingSaturated(align(max(1, byteCount)))
    }
  }
}

/// Nodes that are prepared in the middle of an invocation. The plan of an `AdaptableOperator` follows the shapes, without
/// allocation once the largest has been seen; of the other operators plans are kept, so that shapes seen before cost
/// nothing.
extension RunState {
  /// Plans kept for each node, and the bytes of packed weights and tables beyond which only two are.
  private static let variantLimit = 64
  private static let keptBytes = 1 << 20

  func run(node number: Int, _ invocation: borrowing Invocation) {
    let node = program.runTimeNodes[number]
    if variants[number].count > 0, case .adaptable(let plan) = variants[number][0].work {
      let known = variants[number][0]
      if plan.adapt(to: RunTimeShapes(node, known, copy invocation)) {
        if install(known) { plan.run(invocation) }
        return
      }
      forgetLeastUsed(of: number)  // the plan may be half adapted
      guard !hasFailed else { return }
      isRigid[number] = true
    }
    guard let variant = variant(number, node, invocation) ?? makeVariant(number, node, invocation) else { return }
    clock &+= 1
    variant.lastUse = clock
    guard install(variant) else { return }
    for index in node.outputs.indices {
      guard let shape = variant.results[index] else { continue }
      guard invocation.resize(node.outputs[index], to: shape) else { return }
    }
    switch variant.work {
    case .step(let step): step.run(invocation)
    case .adaptable(let plan): plan.run(invocation)
    }
  }

  /// The plan made before for what the inputs are now.
  private func variant(
    _ number: Int, _ node: RunTimeNode, _ invocation: borrowing Invocation
  ) -> RunTimeVariant? {
    for index in variants[number].indices where fits(variants[number][index], node, invocation) {
      return variants[number][index]
    }
    return nil
  }

  private func fits(_ variant: RunTimeVariant, _ node: RunTimeNode, _ invocation: borrowing Invocation) -> Bool {
    for index in node.inputs.indices {
      guard let input = node.inputs[index], input.isRunTime else { continue }
      guard invocation.shape(input) == variant.shapes[index] else { return false }
    }
    for index in variant.values.indices {
      guard let input = node.inputs[variant.values[index].position] else { return false }
      let count = variant.values[index].bytes.count
      guard invocation.byteCount(input) == count else { return false }
      let current = unsafe ConstantView<UInt8>(invocation.pointer(input.operand), count: count)
      for byte in 0..<count where current[byte] != variant.values[index].bytes[byte] { return false }
    }
    return true
  }

  /// Points the slots behind the program's at the plan's memory.
  private func install(_ variant: RunTimeVariant) -> Bool {
    if variant.scratchBytes > pool.capacity {
      guard grow(&pool, to: variant.scratchBytes) else { return false }
    }
    let first = program.slots.count
    for index in variant.spares.indices {
      switch variant.spares[index] {
      case .owned(let bytes): unsafe slots[first + index] = bytes.base
      case .scratch(let offset, _): unsafe slots[first + index] = unsafe pool.owned.map { unsafe $0 + offset }
      case .none: unsafe slots[first + index] = nil
      }
    }
    return true
  }

  // MARK: Preparing

  private func makeVariant(
    _ number: Int, _ node: RunTimeNode, _ invocation: borrowing Invocation
  ) -> RunTimeVariant? {
    while hasTooMany(variants[number]) { forgetLeastUsed(of: number) }
    do throws(PrepareError) {
      var made: RunTimeVariant
      do throws(PrepareError) {
        made = try prepare(node, isRigid: isRigid[number], invocation)
      } catch {
        guard error.code == .memoryBudget, forgetAll() else { throw error }
        made = try prepare(node, isRigid: isRigid[number], invocation)
      }
      extraBytes += made.ownedBytes
      variants[number].append(made)
      return made
    } catch {
      isRigid[number] = false  // the plan was not at fault
      fail(.refused(error))
      return nil
    }
  }

  private func hasTooMany(_ variants: [RunTimeVariant]) -> Bool {
    variants.count >= Self.variantLimit
      || variants.count >= 2 && variants.reduce(0) { $0 + $1.ownedBytes } > Self.keptBytes
  }

  private func forgetLeastUsed(of number: Int) {
    var oldest = 0
    for index in variants[number].indices where variants[number][index].lastUse < variants[number][oldest].lastUse {
      oldest = index
    }
    extraBytes -= variants[number].remove(at: oldest).ownedBytes
  }

  /// False when there was nothing to forget.
  private func forgetAll() -> Bool {
    var freed = 0
    for number in variants.indices {
      for variant in variants[number] { freed += variant.ownedBytes }
      variants[number] = []
    }
    extraBytes -= freed
    return freed > 0
  }

  /// Prepares the node with the shapes of its inputs, and with the values of those that its operator asks for.
  private func prepare(
    _ node: RunTimeNode, isRigid: Bool, _ invocation: borrowing Invocation
  ) throws(PrepareError) -> RunTimeVariant {
    var positions: [Int] = []
    while true {
      var missing: Int?
      if let made = try prepare(node, isRigid: isRigid, valuesOf: positions, invocation, missing: &missing) {
        return made
      }
      if let missing { positions.append(missing) }
    }
  }

  /// `nil` when the operator asks for the value of a further input, `missing`.
  private func prepare(
    _ node: RunTimeNode, isRigid: Bool, valuesOf positions: [Int], _ invocation: borrowing Invocation,
    missing: inout Int?
  ) throws(PrepareError) -> RunTimeVariant? {
    let budget = program.options.memoryBudget - program.reservedBytes - extraBytes
    let preparation = ProgramPreparation(program, budget: max(0, budget))
    let operands = node.graph.nodes[node.index].inputs
    var values = RunTimeValues()
    var kept: [(position: Int, bytes: [UInt8])] = []
    for position in positions {
      guard let input = node.inputs[position] else { continue }
      let pointer = unsafe UnsafeRawPointer(invocation.pointer(input.operand))
      unsafe values.add(operands[position], at: pointer)
      let bytes = unsafe ConstantView<UInt8>(pointer, count: invocation.byteCount(input))
      kept.append((position, bytes.elements))
    }
    let subgraph = SubgraphPreparation(program: preparation, template: node.graph, values: values)
    defer { preparation.dissolve() }
    var shapes: [Shape] = []
    for index in node.inputs.indices {
      let shape = node.inputs[index].map { invocation.shape($0) } ?? .scalar
      shapes.append(shape)
      if node.inputs[index] != nil { subgraph.graph.tensors[operands[index]].shape = shape }
    }
    for (index, tensor) in node.graph.nodes[node.index].outputs.enumerated() where node.outputs[index].isRunTime {
      if node.outputs[index].type != .string { subgraph.graph.tensors[tensor].shape = nil }
    }
    var made: RunTimeVariant.Work?
    do throws(PrepareError) {
      try subgraph.located(node.index) { () throws(PrepareError) in
        let entry = try subgraph.entry(of: node.index)
        try entry.infer(Node(preparation: subgraph, index: node.index))
        let prepared = Node(preparation: subgraph, index: node.index)
        if !isRigid, let prepare = entry.prepareAdaptable {
          made = .adaptable(try prepare(prepared))
        } else {
          made = .step(try entry.prepare(prepared))
        }
        try expectFixedShapes(node, subgraph)
      }
    } catch {
      guard let position = subgraph.valueNeeded(by: node.index, error), !positions.contains(position) else {
        throw error
      }
      missing = position
    }
    guard let made, missing == nil else { return nil }
    return try variant(node, subgraph, preparation, shapes, kept, made)
  }

  /// Outputs that have a place in the arena keep the shape for which it was made.
  private func expectFixedShapes(_ node: RunTimeNode, _ subgraph: SubgraphPreparation) throws(PrepareError) {
    for (index, tensor) in node.graph.nodes[node.index].outputs.enumerated() where !node.outputs[index].isRunTime {
      guard subgraph.graph.tensors[tensor].shape == node.outputs[index].shape else {
        throw PrepareError(.shapeMismatch, .output(index), expected: .shape(node.outputs[index].shape))
      }
    }
  }

  private func variant(
    _ node: RunTimeNode, _ subgraph: SubgraphPreparation, _ preparation: ProgramPreparation, _ shapes: [Shape],
    _ values: [(position: Int, bytes: [UInt8])], _ work: RunTimeVariant.Work
  ) throws(PrepareError) -> RunTimeVariant {
    let first = program.slots.count
    guard preparation.slots.count - first <= Self.spareSlots, preparation.stateBytes == 0 else {
      throw PrepareError(.shapeUnsupported, field: "memory that is kept while running")
    }
    var spares: [RunTimeVariant.Spare] = preparation.slots[first...].map { slot in
      if case .owned(let bytes) = slot { return .owned(bytes) }
      return .none
    }
    for scratch in subgraph.scratches {
      spares[Int(scratch.operand.slot) - first] = .scratch(offset: 0, byteCount: scratch.byteCount)
    }
    let results = node.graph.nodes[node.index].outputs.indices.map { index in
      let tensor = node.graph.nodes[node.index].outputs[index]
      return node.outputs[index].isRunTime && node.outputs[index].type != .string
        ? subgraph.graph.tensors[tensor].shape : nil
    }
    return RunTimeVariant(
      shapes: shapes, values: values, results: results, work: work, spares: spares, firstSlot: first,
      ownedBytes: preparation.ownedBytes)
  }
}
