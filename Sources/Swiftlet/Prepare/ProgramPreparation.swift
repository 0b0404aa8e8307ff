import ModelFormat

/// What all subgraphs of a program share while it is prepared: slots, owned memory, variables, the budget.
@safe final class ProgramPreparation {
  let model: Model
  private(set) var options: PrepareOptions
  private(set) var slots: [Slot] = []
  private(set) var ownedBytes = 0
  private(set) var stateBytes = 0
  private(set) var stateFills: [StateFill] = []
  /// What fills the program's packed weights before its first step.
  private(set) var packings: [WeightPacking] = []
  private(set) var packingSpace = PackingSpace()
  let packingBuffer = PackingBuffer()
  /// Why a constant could not be widened.
  var failure: PrepareError?
  /// Where slots are while nodes run on constants: as many as were needed so far.
  private var addresses: [UnsafeMutableRawPointer?] = unsafe []
  /// By buffer of the file: the last packing of its contents; -1 for none. Empty before the first.
  private var lastPacking: [Int32] = []
  private var variables: [ResourceVariable] = []
  /// Subgraphs as prepared for what their callers give them; the first is the entry.
  private(set) var instances: [Instance] = []
  /// Instances in the order in which their preparation ended: callees before their callers.
  private(set) var finished: [Int] = []
  var runTimeTensors: [RunTimeTensorPlan] = []
  var runTimeNodes: [RunTimeNode?] = []
  /// Subgraphs that have such nodes.
  var runTimeGraphCount = 0
  /// Whether an invocation can fail or never end: it calls subgraphs or has shapes known only while running.
  var isGuarded = false
  /// Nodes that have been taken up in all instances.
  private var nodeCount = 0

  struct Instance {
    let subgraph: Int
    /// What the caller gives; `nil` for the entry.
    let arguments: [CallArgument]?
    /// `nil` while it is being prepared.
    var preparation: SubgraphPreparation?
  }

  private struct ResourceVariable {
    let container: Text
    let name: Text
    var slot: Int32?
    var type: ElementType?
    var shape: Shape = .scalar
    var zeroPoint: Int32 = 0
  }

  init(model: Model, options: PrepareOptions) {
    self.model = model
    self.options = options
    if let subgraph = model.subgraphs.first {
      slots.reserveCapacity(2 * subgraph.tensors.count)
      packings.reserveCapacity(subgraph.operators.count)
    }
  }

  /// For nodes that are prepared while running, whose memory is that of `RunTimeMemory`.
  init(_ program: Program, budget: Int) {
    model = program.model
    options = program.options
    setBudget(beyondUsed: budget)
    slots = program.slots
  }

  /// Allows `byteCount` bytes beside those that have been allocated.
  func setBudget(beyondUsed byteCount: Int) { options.memoryBudget = ownedBytes.addingSaturated(byteCount) }

  // MARK: Slots and memory

  func add(_ slot: Slot) -> Operand {
    slots.append(slot)
    return Operand(slot: Int32(slots.count - 1))
  }

  func place(_ operand: Operand, _ slot: Slot) {
    let index = Int(operand.slot)
    slots[index] = slot
    if unsafe index < addresses.count { unsafe addresses[index] = address(slot) }
  }

  /// Runs one step on constants.
  func runAlone(_ step: Step) {
    for index in unsafe addresses.count..<slots.count { unsafe addresses.append(address(slots[index])) }
    unsafe addresses.withUnsafeMutableBufferPointer { addresses in
      guard let base = addresses.baseAddress else { return }
      unsafe step.run(Invocation(slots: base, pool: nil, program: nil))
    }
  }

  private func address(_ slot: Slot) -> UnsafeMutableRawPointer? {
    switch slot {
    case .file(let offset): unsafe UnsafeMutableRawPointer(mutating: model.bytes.base + offset)
    case .owned(let bytes): unsafe bytes.base
    case .packed, .arena, .variable, .none: nil
    }
  }

  func growPackingBuffer(to byteCount: Int) throws(PrepareError) {
    guard byteCount > packingBuffer.byteCount else { return }
    try charge(byteCount - packingBuffer.byteCount)
    packingBuffer.byteCount = byteCount
  }

  /// Memory that the program will own, within the budget.
  func allocate(_ byteCount: Int) throws(PrepareError) -> OwnedBytes {
    try charge(byteCount)
    guard let bytes = OwnedBytes(count: byteCount) else {
      ownedBytes -= byteCount
      throw PrepareError(.outOfMemory, field: "memory for constants", found: .int(byteCount))
    }
    return bytes
  }

  /// Gives back what `allocate` counted, when the memory is not kept.
  func release(_ bytes: OwnedBytes) { ownedBytes -= bytes.count }

  /// Room among the packed weights, which `fill` writes before the first step, or what an earlier call reserved with an
  /// equal `key`.
  func addPacking(
    _ byteCount: Int, key: PackingKey?, of preparation: SubgraphPreparation,
    fill: @escaping (UnsafeMutableRawPointer) -> Void
  ) throws(PrepareError) -> Operand {
    var previous = -1
    if let key {
      if lastPacking.isEmpty { lastPacking = Array(repeating: -1, count: model.buffers.count) }
      previous = Int(lastPacking[key.weights])
      if let known = packing(of: key, byteCount, from: previous) {
        return add(.packed(known, isStorable: key.isStorable))
      }
      lastPacking[key.weights] = Int32(clamping: packings.count)
    }
    try charge(align(byteCount))
    let isStorable = key?.isStorable ?? false
    let offset = isStorable ? packingSpace.storable : packingSpace.other
    if isStorable { packingSpace.storable += align(byteCount) } else { packingSpace.other += align(byteCount) }
    unsafe packings.append(
      WeightPacking(
        offset: offset, byteCount: byteCount, key: key, previous: previous, fill: fill, preparation: preparation))
    return add(.packed(offset, isStorable: isStorable))
  }

  /// Where the weights of `key` already have room. A file can make any number of layers of one constant, so only some
  /// of them are looked at.
  private func packing(of key: PackingKey, _ byteCount: Int, from last: Int) -> Int? {
    var index = last
    for _ in 0..<Self.comparedPackings where index >= 0 {
      if packings[index].byteCount == byteCount, let other = packings[index].key, other == key {
        return packings[index].offset
      }
      index = packings[index].previous
    }
    return nil
  }

  private static let comparedPackings = 16

  private func charge(_ byteCount: Int) throws(PrepareError) {
    let (total, overflow) = ownedBytes.addingReportingOverflow(byteCount)
    guard !overflow, total <= options.memoryBudget else {
      throw PrepareError(
        .memoryBudget, field: "bytes needed", found: .int(overflow ? Int.max : total),
        expected: .int(options.memoryBudget), remedy: "raise the memory budget or use a smaller model")
    }
    ownedBytes = total
  }

  /// `byteCount` bytes that live as long as the interpreter, set to `fill` when it is created or reset.
  /// `initial` are bytes of the file to copy there instead, when they are as many.
  func addState(_ byteCount: Int, fill: UInt8, initial: Range<Int>? = nil) -> Operand {
    let offset = stateBytes
    stateBytes = align(stateBytes.addingSaturated(byteCount))
    stateFills.append(
      StateFill(
        offset: offset, count: byteCount, byte: fill, initial: initial?.count == byteCount ? initial : nil))
    return add(.variable(offset))
  }

  // MARK: Resource variables

  func variable(container: Text, name: Text) -> Int {
    if let known = variables.firstIndex(where: { $0.name == name && $0.container == container }) { return known }
    variables.append(ResourceVariable(container: container, name: name))
    return variables.count - 1
  }

  func variable(
    _ number: Int, type: ElementType, shape: Shape, zeroPoint: Int32, operand: Int
  ) throws(PrepareError) -> Operand {
    if let slot = variables[number].slot {
      guard variables[number].type == type else {
        throw PrepareError(
          .typeMismatch, .input(operand), field: "type of the variable", found: .type(type),
          expected: .type(variables[number].type ?? type))
      }
      guard variables[number].shape.elementCount == shape.elementCount else {
        throw PrepareError(
          .shapeMismatch, .input(operand), field: "shape of the variable", found: .shape(shape),
          expected: .shape(variables[number].shape))
      }
      return Operand(slot: slot)
    }
    guard let bytes = type.byteCount(of: shape.elementCount) else {
      throw PrepareError(.typeUnsupported, .input(operand), field: "type of the variable", found: .type(type))
    }
    let fill = type == .int8 || type == .uint8 ? UInt8(truncatingIfNeeded: zeroPoint) : 0
    let operand = addState(bytes, fill: fill)
    variables[number].slot = operand.slot
    variables[number].type = type
    variables[number].shape = shape
    return operand
  }

  // MARK: Subgraphs

  /// Prepares subgraph `index` for `arguments` unless that has been done, and returns the instance's number.
  func prepareSubgraph(_ index: Int, arguments: [CallArgument]?) throws(PrepareError) -> Int {
    guard model.subgraphs.indices.contains(index) else {
      throw PrepareError(
        .optionInvalid, field: "subgraph index", found: .int(index), expected: .int(model.subgraphs.count - 1))
    }
    for number in instances.indices where instances[number].subgraph == index {
      guard instances[number].preparation != nil else {
        throw PrepareError(.optionInvalid, field: "subgraph that calls itself", found: .int(index))
      }
      if Self.areEqual(instances[number].arguments, arguments) { return number }
    }
    try count(nodesOf: index)
    let number = instances.count
    instances.append(Instance(subgraph: index, arguments: arguments, preparation: nil))
    let graph = Graph(model: model, subgraph: index)
    let preparation = SubgraphPreparation(program: self, graph: graph, arguments: arguments, isEntry: number == 0)
    try preparation.prepare()
    instances[number].preparation = preparation
    finished.append(number)
    return number
  }

  private static func areEqual(_ a: [CallArgument]?, _ b: [CallArgument]?) -> Bool {
    guard let a, let b, a.count == b.count else { return false }
    return a.indices.allSatisfy { a[$0] == b[$0] }
  }

  /// A subgraph is prepared anew for each set of shapes that its callers have: without a limit a small file could ask
  /// for any number of them.
  private func count(nodesOf subgraph: Int) throws(PrepareError) {
    nodeCount += 1 + model.subgraphs[subgraph].operators.count
    let total = model.subgraphs.reduce(0) { $0 + 1 + $1.operators.count }
    let limit = 4096 + total * 8
    guard nodeCount <= limit, instances.count < Self.instanceLimit else {
      throw PrepareError(
        .limitExceeded, field: "operators of called subgraphs", found: .int(nodeCount), expected: .int(limit),
        remedy: "too many calls with different shapes")
    }
  }

  private static let instanceLimit = 1024

  /// For each instance where its part of the arena begins; `nil` for those that the entry does not reach.
  ///
  /// A subgraph lies behind every subgraph that calls it, so callees of one caller, which never run at the same time,
  /// share their memory.
  func arenaBases() throws(PrepareError) -> [Int?] {
    var places: [(base: Int, depth: Int)?] = Array(repeating: nil, count: instances.count)
    places[0] = (0, 1)
    for number in finished.reversed() {
      guard let place = places[number], let caller = instances[number].preparation else { continue }
      guard place.depth <= options.limits.callDepth else {
        throw PrepareError(
          .limitExceeded, field: "nested calls of subgraphs", found: .int(place.depth),
          expected: .int(options.limits.callDepth))
      }
      let end = place.base.addingSaturated(align(caller.plan.peak))
      for callee in caller.callees {
        places[callee] = (max(places[callee]?.base ?? 0, end), max(places[callee]?.depth ?? 0, place.depth + 1))
      }
    }
    return places.map { $0?.base }
  }

  /// A tensor whose size is known only while running.
  func addRunTimeTensor(_ type: ElementType, shape: Shape = .scalar) -> (number: Int, operand: Operand) {
    let operand = add(.none)
    runTimeTensors.append(RunTimeTensorPlan(slot: operand.slot, type: type, shape: shape))
    return (runTimeTensors.count - 1, operand)
  }

  /// Lets go of the subgraphs, which hold this object.
  func dissolve() {
    instances = []
    packings = []
  }
}

/// A range of the interpreter's variables and the byte, or the bytes of the file, it starts with.
struct StateFill: Sendable {
  let offset: Int
  let count: Int
  let byte: UInt8
  let initial: Range<Int>?
}

/// The next multiple of 64, the alignment of every tensor in memory.
func align(_ count: Int) -> Int { count.addingSaturated(63) & ~63 }

extension Int {
  /// The sum, or the largest value when it does not fit: sizes that saturate fail the memory budget or the allocation.
  func addingSaturated(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? Int.max : sum
  }

  package func multipliedSaturated(by other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? Int.max : product
  }
}
