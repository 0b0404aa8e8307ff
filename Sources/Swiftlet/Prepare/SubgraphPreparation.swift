import ModelFormat

/// Prepares one subgraph: shapes, constants, fusion, plans, memory.
final class SubgraphPreparation {
  /// Makes a cycle, which `ProgramPreparation.dissolve` breaks.
  let program: ProgramPreparation
  let graph: Graph
  var model: Model { program.model }
  /// What the caller gives for each input; `nil` for the entry.
  let arguments: [CallArgument]?
  let isEntry: Bool
  var steps: [Step] = []
  private(set) var plan = MemoryPlan()
  var requests: [SharingRequest] = []
  var scratches: [Scratch] = []
  /// By tensor.
  var operands: [Operand?]
  /// While a node runs on constants, or is prepared while running, its wishes to share memory do not count.
  private(set) var isFolding = false
  /// Instances that nodes of this subgraph call.
  var callees: [Int] = []
  /// Nodes that are prepared while running and their numbers in the program.
  var pendingRunTimeNodes: [(index: Int, number: Int)] = []
  /// Set when nodes are prepared while running: the values that one of them may read, and its memory.
  var values: RunTimeValues? { Selection.hasRunTimeShapes ? knownValues : nil }
  var knownValues: RunTimeValues?
  var memory: RunTimeMemory? { Selection.hasRunTimeShapes ? knownMemory : nil }
  var knownMemory: RunTimeMemory?

  struct Scratch {
    let operand: Operand
    let byteCount: Int
    /// Index of the node.
    let step: Int
  }

  init(program: ProgramPreparation, graph: Graph, arguments: [CallArgument]? = nil, isEntry: Bool = true) {
    self.program = program
    self.graph = graph
    self.arguments = arguments
    self.isEntry = isEntry
    operands = Array(repeating: nil, count: graph.tensors.count)
  }

  /// For nodes that are prepared while running.
  init(program: ProgramPreparation, template: RunTimeGraph) {
    self.program = program
    graph = Graph(template)
    arguments = nil
    isEntry = false
    operands = template.operands
    isFolding = true
    knownValues = RunTimeValues()
  }

  func prepare() throws(PrepareError) {
    steps.reserveCapacity(graph.nodes.count)
    scratches.reserveCapacity(graph.nodes.count)
    try setInputShapes()
    for index in graph.nodes.indices { try infer(index) }
    if program.options.fuses { Fusion.apply(to: self) }
    for index in graph.nodes.indices where !graph.nodes[index].isRemoved {
      try located(index) { () throws(PrepareError) in try prepare(index) }
    }
    try planMemory()
    if Selection.hasRunTimeShapes { finishRunTimeNodes() }
  }

  private func prepare(_ index: Int) throws(PrepareError) {
    if Selection.hasTables, let table = graph.nodes[index].table {
      return steps.append(try ByteTable.step(Node(preparation: self, index: index), program.add(.owned(table))))
    }
    let entry = try entry(of: index)
    guard Selection.hasRunTimeShapes else {
      return steps.append(try entry.prepare(Node(preparation: self, index: index)))
    }
    if !graph.nodes[index].isRunTime {
      do throws(PrepareError) {
        return steps.append(try entry.prepare(Node(preparation: self, index: index)))
      } catch {
        guard dependsOnValues(index, entry.traits, error) else { throw error }
        graph.nodes[index].isRunTime = true
      }
    }
    addRunTimeStep(index)
  }

  // MARK: Shapes and constants

  func setInputShapes() throws(PrepareError) {
    for (position, tensor) in graph.outputs.enumerated() where graph.tensors[tensor].info.isSparse {
      throw PrepareError.sparse(.output(position))
    }
    for tensor in graph.tensors.indices where graph.tensors[tensor].info.type == .string {
      guard case .activation = graph.tensors[tensor].storage else { continue }
      guard Selection.hasRunTimeShapes else {
        throw PrepareError(.typeUnsupported, field: "a tensor", found: .type(.string), remedy: Selection.remedy)
      }
      makeRunTime(tensor)
    }
    if let arguments { return try accept(arguments) }
    for (position, tensor) in graph.inputs.enumerated() {
      let info = graph.tensors[tensor].info
      guard !info.isSparse else { throw PrepareError.sparse(.input(position)) }
      if info.data != nil { graph.tensors[tensor].storage = .variable }
      guard let shape = program.options.shape(ofInput: position) ?? Shape(info.shape) else {
        throw PrepareError(
          .inputInvalid, .input(position), field: "shape", remedy: "more than 8 dimensions are not supported")
      }
      guard Graph.shape(shape, fits: info) else {
        throw PrepareError(
          .inputInvalid, .input(position), field: "shape", found: .shape(shape),
          expected: Shape(info.shape).map { .shape($0) } ?? .none)
      }
      graph.tensors[tensor].shape = shape
    }
  }

  func infer(_ index: Int) throws(PrepareError) {
    try located(index) { () throws(PrepareError) in
      let entry = try entry(of: index)
      let node = Node(preparation: self, index: index)
      guard try inferUnlessRunTime(node, entry) else { return }
      guard Selection.hasConstantNodes, isFoldable(index, entry.traits) else { return }
      if !widenLater(index) && !expandLater(index) { try fold(index, entry, node) }
    }
  }

  private func isFoldable(_ index: Int, _ traits: OperatorTraits) -> Bool {
    let node = graph.nodes[index]
    guard !traits.contains(.stateful), !traits.contains(.callsSubgraphs), !node.outputs.isEmpty else { return false }
    guard node.outputs.allSatisfy({ $0 >= 0 && graph.tensors[$0].shape != nil && !graph.inputs.contains($0) }) else {
      return false
    }
    if traits.contains(.dependsOnShapeOnly) { return true }
    return node.inputs.allSatisfy { $0 < 0 || graph.tensors[$0].isConstant }
  }

  /// Runs a node on constants now and makes its outputs constants.
  private func fold(_ index: Int, _ entry: OperatorEntry, _ node: Node) throws(PrepareError) {
    for output in graph.nodes[index].outputs {
      let bytes = try program.allocate(tensor(output)?.byteCount ?? 0)
      graph.tensors[output].storage = .constant(.owned(bytes))
    }
    isFolding = true
    defer { isFolding = false }
    let scratchStart = scratches.count
    let requestStart = requests.count
    let step = try entry.prepare(node)
    var temporaries: [OwnedBytes] = []
    for scratch in scratches[scratchStart...] {
      let bytes = try program.allocate(scratch.byteCount)
      temporaries.append(bytes)
      program.place(scratch.operand, .owned(bytes))
    }
    scratches.removeSubrange(scratchStart...)
    requests.removeSubrange(requestStart...)
    program.runAlone(step)
    for bytes in temporaries { program.release(bytes) }
    graph.nodes[index].isRemoved = true
  }

  // MARK: Access for nodes

  func tensor(_ index: Int) -> Tensor? {
    let tensor = graph.tensors[index]
    if let values { tensor.hasKnownValue = values.contains(index) }
    return Tensor(tensor)
  }

  /// `nil` as well when there was no memory to widen or expand it, which `located` reports.
  func constant(_ index: Int) -> ConstantView<UInt8>? {
    if let values, values.contains(index) {
      return unsafe ConstantView(values.pointer(index), count: tensor(index)?.byteCount ?? 0)
    }
    guard case .constant(let bytes) = graph.tensors[index].storage else { return nil }
    switch bytes {
    case .file(let range): return unsafe ConstantView(model.bytes.base + range.lowerBound, count: range.count)
    case .owned(let owned): return unsafe ConstantView(UnsafeRawPointer(owned.base), count: owned.count)
    case .halves(let range):
      guard let owned = widen(index, range) else { return nil }
      return unsafe ConstantView(UnsafeRawPointer(owned.base), count: owned.count)
    case .sparse(let info):
      guard let owned = expand(index, info) else { return nil }
      return unsafe ConstantView(UnsafeRawPointer(owned.base), count: owned.count)
    }
  }

  func operand(_ index: Int) -> Operand {
    if let known = operands[index] { return known }
    let tensor = graph.tensors[index]
    let operand: Operand
    switch tensor.storage {
    case .constant(.file(let range)): operand = program.add(.file(range.lowerBound))
    case .constant(.owned(let bytes)): operand = program.add(.owned(bytes))
    case .constant(.halves(let range)):
      operand = program.add(widen(index, range).map { .owned($0) } ?? .none)
    case .constant(.sparse(let info)):
      operand = program.add(expand(index, info).map { .owned($0) } ?? .none)
    case .variable:
      let fill = tensor.type == .int8 ? tensor.quantization?.zeroPoints.first ?? 0 : 0  // as TensorFlow Lite does
      operand = program.addState(
        self.tensor(index)?.byteCount ?? 0, fill: UInt8(truncatingIfNeeded: fill), initial: tensor.info.data)
    case .activation, .resource, .borrowed: operand = program.add(.none)
    case .runTime(let number): operand = Operand(slot: program.runTimeTensors[number].slot)
    }
    operands[index] = operand
    return operand
  }

  /// Makes `index` a tensor whose size is known only while running.
  func makeRunTime(_ index: Int) {
    let tensor = graph.tensors[index]
    let shape = tensor.shape ?? (tensor.info.shapeSignature.contains(-1) ? nil : Shape(tensor.info.shape))
    let (number, operand) = program.addRunTimeTensor(tensor.type, shape: shape ?? .scalar)
    graph.tensors[index].storage = .runTime(number)
    operands[index] = operand
  }

  func scratch(_ byteCount: Int, step: Int) -> Operand {
    if let memory { return memory.scratch(byteCount, program) }
    let operand = program.add(.none)
    scratches.append(Scratch(operand: operand, byteCount: byteCount, step: step))
    return operand
  }

  func request(_ request: SharingRequest) {
    if !isFolding { requests.append(request) }
  }

  func entry(of index: Int) throws(PrepareError) -> OperatorEntry {
    let code = graph.nodes[index].code
    guard let entry = OperatorTable.entry(for: code) else {
      throw PrepareError(.operatorUnsupported, remedy: OperatorTable.remedy(for: code))
    }
    guard code.version <= entry.latestVersion else {
      throw PrepareError(
        .versionUnsupported, field: "version", found: .int(code.version), expected: .int(entry.latestVersion))
    }
    try checkType(of: graph.nodes[index])
    try checkSelection(graph.nodes[index])
    return entry
  }

  /// Refuses operands of a type that the library was built without.
  private func checkSelection(_ node: GraphNode) throws(PrepareError) {
    guard !(Selection.hasFloatTensors && Selection.hasUInt8Tensors && Selection.hasInt16Tensors) else { return }
    for tensor in node.inputs + node.outputs where tensor >= 0 {
      let type = graph.tensors[tensor].type
      guard !Selection.isBuilt(type) else { continue }
      throw PrepareError(.typeUnsupported, field: "an operand", found: .type(type), remedy: Selection.remedy)
    }
  }

  /// Refuses data of a type that the operator table does not name. Types that no table names are left to operators that
  /// only move elements.
  private func checkType(of node: GraphNode) throws(PrepareError) {
    guard let data = OperatorTable.data(of: node.code.builtin), data.operand < node.inputs.count,
      node.inputs[data.operand] >= 0
    else { return }
    let type = graph.tensors[node.inputs[data.operand]].type
    guard !data.types.contains(type), !(data.types.contains(ElementTypes.movable) && type.bitWidth >= 8) else { return }
    throw PrepareError(
      .typeUnsupported, .input(data.operand), found: .type(type),
      expected: .name(data.types.text))
  }

  /// Adds to an error of `body` which node it is about.
  func located(_ index: Int, _ body: () throws(PrepareError) -> Void) throws(PrepareError) {
    do throws(PrepareError) {
      try body()
      if let failure = program.failure { throw failure }
    } catch {
      var error = program.failure ?? error
      if Self.isMissing(error.code) { error.remedy = Selection.remedy }
      guard error.node < 0 else { throw error }
      let node = graph.nodes[index]
      error.subgraph = graph.index
      error.node = node.position
      error.operatorText = node.code.text
      if let first = node.outputs.first, first >= 0 { error.outputText = graph.tensors[first].info.text }
      throw error
    }
  }

  /// Whether a complete library might have gone on: with a plan made while running, or with a constant computed before.
  private static func isMissing(_ code: PrepareError.Code) -> Bool {
    guard !(Selection.hasRunTimeShapes && Selection.hasConstantNodes) else { return false }
    return code == .dynamicShape || code == .notConstant
  }

  // MARK: Memory

  private func planner() -> MemoryPlanner {
    var planner = MemoryPlanner(
      graph: graph, keepsInputs: program.options.keepsInputs || !isEntry, scratchCount: scratches.count,
      byteCount: { [self] index in
        graph.tensors[index].byteBound ?? tensor(index)?.byteCount ?? 0
      })
    for scratch in scratches { planner.add(scratch: scratch.byteCount, step: scratch.step) }
    if program.options.fuses { for request in requests { planner.apply(request) } }
    return planner
  }

  /// By node: bytes of scratch memory.
  var scratchByNode: [Int] {
    var bytes = Array(repeating: 0, count: graph.nodes.count)
    for area in scratches { bytes[area.step] = bytes[area.step].addingSaturated(align(area.byteCount)) }
    return bytes
  }

  private func planMemory() throws(PrepareError) {
    var planner = planner()
    if Selection.hasRowChains, program.options.fuses && program.options.chainsRows,
      RowChaining.apply(to: self, planner)
    {
      planner = self.planner()
    }
    plan = planner.plan()
    guard plan.peak < Int.max / 2 else {
      throw PrepareError(
        .memoryBudget, field: "bytes of activations", remedy: "the tensors are too large for any memory")
    }
  }

  /// Turns the plan's offsets into slots of an arena in which this subgraph begins at `base`.
  func place(at base: Int) {
    for tensor in graph.tensors.indices {
      guard graph.tensors[tensor].isPlanned, let offset = plan.tensorOffsets[tensor] else { continue }
      program.place(operand(tensor), .arena(base + offset))
      if case .runTime(let number) = graph.tensors[tensor].storage {
        program.runTimeTensors[number].capacity = graph.tensors[tensor].byteBound ?? 0
      }
    }
    for (scratch, offset) in zip(scratches, plan.scratchOffsets) {
      program.place(scratch.operand, .arena(base + offset))
    }
  }
}

extension Graph {
  /// Whether `shape` may replace the stored shape of an input: same rank, and equal wherever the signature fixes it.
  static func shape(_ shape: Shape, fits info: TensorInfo) -> Bool {
    if info.shapeSignature.isEmpty { return info.shape.isEmpty ? true : shape.rank == info.shape.count }
    guard info.shapeSignature.count == shape.rank else { return false }
    return info.shapeSignature.indices.allSatisfy {
      info.shapeSignature[$0] < 0 || info.shapeSignature[$0] == shape[$0] || info.shape[$0] == shape[$0]
    }
  }
}
