internal import CPlatform
internal import ModelFormat

/// Memory for the tensors of one execution: each has its own from the step that computes it to the last one that reads it.
/// The pages of large tensors go back to the system at once.
@safe
final class Workspace {
  private let plan: WorkspacePlan
  private var blocks: [ValueID: UnsafeMutableRawBufferPointer] = unsafe [:]

  init(_ plan: WorkspacePlan) { self.plan = plan }

  deinit { clear() }

  private func clear() {
    unsafe blocks.values.forEach { unsafe swl_deallocate_zeroed($0.baseAddress) }
    unsafe blocks.removeAll(keepingCapacity: true)
  }

  /// Frees everything and makes room for the inputs.
  func begin() throws {
    clear()
    for value in plan.inputs { try allocate(value) }
  }

  /// Makes room for what step `index` computes.
  func begin(step index: Int) throws {
    for value in plan.steps[index].first { try allocate(value) }
  }

  /// Frees what no later step reads.
  func end(step index: Int) {
    for value in plan.steps[index].last {
      if let block = unsafe blocks.removeValue(forKey: value) { unsafe swl_deallocate_zeroed(block.baseAddress) }
    }
  }

  private func allocate(_ value: ValueID) throws {
    guard let bytes = plan.bytes[value] else { return }
    guard let memory = unsafe swl_allocate_zeroed(max(bytes, 1)) else {
      throw ConversionError(.unavailable, "not enough memory for a tensor of \(bytes) bytes")
    }
    unsafe blocks[value] = UnsafeMutableRawBufferPointer(start: memory, count: bytes)
  }

  /// The bytes of a tensor while it has memory; aligned to 64.
  func bytes(of value: ValueID) -> UnsafeMutableRawBufferPointer? { unsafe blocks[value] }
}

/// When tensors need memory.
struct WorkspacePlan {
  /// Of tensors that are computed, and of inputs.
  private(set) var bytes: [ValueID: Int] = [:]
  let inputs: [ValueID]
  /// By step: what it computes, and what nothing reads after it.
  private(set) var steps: [(first: [ValueID], last: [ValueID])]

  /// - Throws: `ConversionError` for tensors without a size in memory.
  init(_ graph: Graph, order: [NodeID]) throws {
    inputs = graph.inputs
    steps = Array(repeating: ([], []), count: order.count)
    var lastUse: [ValueID: Int] = [:]
    for value in graph.inputs { try add(graph[value], value) }
    for (step, id) in order.enumerated() {
      guard let node = graph[id] else { continue }
      for value in node.outputs where bytes[value] == nil {
        try add(graph[value], value)
        steps[step].first.append(value)
        lastUse[value] = step
      }
      for case .some(let value) in node.inputs { lastUse[value] = step }
    }
    for (value, step) in lastUse where bytes[value] != nil && !graph.outputs.contains(value) {
      steps[step].last.append(value)
    }
  }

  private mutating func add(_ value: Value, _ id: ValueID) throws {
    guard let count = value.type.byteCount(of: value.count) else {
      throw ConversionError(.unavailable, layer: value.name, "tensors of type \(value.typeName) are not run here")
    }
    bytes[id] = count
  }

  /// The most bytes that are needed at a time.
  var peak: Int {
    var alive = inputs.reduce(0) { $0 + (bytes[$1] ?? 0) }
    var peak = alive
    for step in steps {
      alive += step.first.reduce(0) { $0 + (bytes[$1] ?? 0) }
      peak = max(peak, alive)
      alive -= step.last.reduce(0) { $0 + (bytes[$1] ?? 0) }
    }
    return peak
  }
}
