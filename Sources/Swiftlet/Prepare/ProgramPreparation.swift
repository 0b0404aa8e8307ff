import ModelFormat

/// What all subgraphs of a program share while it is prepared: slots, owned memory, variables, the budget.
final class ProgramPreparation {
  let model: Model
  let options: PrepareOptions
  private(set) var slots: [Slot] = []
  private(set) var ownedBytes = 0
  private(set) var stateBytes = 0
  private(set) var stateFills: [StateFill] = []
  private var variables: [ResourceVariable] = []
  /// By index in the model; `nil` until something runs the subgraph.
  private(set) var subgraphs: [Subgraph?]

  enum Subgraph {
    case preparing
    case ready(SubgraphPreparation)
  }

  private struct ResourceVariable {
    let container: String
    let name: String
    var slot: Int32?
    var type: ElementType?
    var shape: Shape = .scalar
    var zeroPoint: Int32 = 0
  }

  init(model: Model, options: PrepareOptions) {
    self.model = model
    self.options = options
    subgraphs = Array(repeating: nil, count: model.subgraphs.count)
  }

  // MARK: Slots and memory

  func add(_ slot: Slot) -> Operand {
    slots.append(slot)
    return Operand(slot: Int32(slots.count - 1))
  }

  func place(_ operand: Operand, _ slot: Slot) { slots[Int(operand.slot)] = slot }

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

  func variable(container: String, name: String) -> Int {
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

  /// Prepares subgraph `index` unless that has been done, and returns `index`.
  func prepareSubgraph(_ index: Int) throws(PrepareError) -> Int {
    guard model.subgraphs.indices.contains(index) else {
      throw PrepareError(
        .optionInvalid, field: "subgraph index", found: .int(index), expected: .int(model.subgraphs.count - 1))
    }
    switch subgraphs[index] {
    case .ready: return index
    case .preparing:
      throw PrepareError(.optionInvalid, field: "subgraph that calls itself", found: .int(index))
    case nil: break
    }
    subgraphs[index] = .preparing
    let preparation = SubgraphPreparation(program: self, graph: Graph(model: model, subgraph: index))
    try preparation.prepare()
    subgraphs[index] = .ready(preparation)
    return index
  }

  /// Lets go of the subgraphs, which hold this object.
  func dissolve() { subgraphs = [] }
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
