internal import ModelFormat

/// Memory for the tensors of one execution: blocks that tensors take in turns, each as large as the largest of them.
@safe
final class Workspace {
  private let blocks: [UnsafeMutableRawPointer]
  private let places: [ValueID: (block: Int, bytes: Int)]

  /// - Throws: `ConversionError` when the memory cannot be had.
  init(_ plan: WorkspacePlan) throws {
    var blocks: [UnsafeMutableRawPointer] = unsafe []
    for bytes in plan.blockBytes {
      unsafe blocks.append(.allocate(byteCount: max(bytes, 1), alignment: 64))
    }
    unsafe self.blocks = blocks
    places = plan.places
  }

  deinit {
    unsafe blocks.forEach { unsafe $0.deallocate() }
  }

  /// The bytes of a tensor, which hold its elements from the step that computes it to the last one that reads it.
  func bytes(of value: ValueID) -> UnsafeMutableRawBufferPointer? {
    guard let place = places[value] else { return nil }
    return unsafe UnsafeMutableRawBufferPointer(start: blocks[place.block], count: place.bytes)
  }
}

/// Which tensors share which block: a tensor takes the free block that fits best, and gives it back after its last use.
struct WorkspacePlan {
  private(set) var blockBytes: [Int] = []
  private(set) var places: [ValueID: (block: Int, bytes: Int)] = [:]

  /// - Throws: `ConversionError` for tensors without a size in memory.
  init(_ graph: Graph, order: [NodeID]) throws {
    var lastUse: [ValueID: Int] = [:]
    for (step, id) in order.enumerated() {
      guard let node = graph[id] else { continue }
      for value in node.outputs { lastUse[value] = step }
      for case .some(let value) in node.inputs { lastUse[value] = step }
    }
    for value in graph.outputs { lastUse[value] = order.count }
    var endings: [Int: [ValueID]] = [:]
    for (value, step) in lastUse { endings[step, default: []].append(value) }
    var free: [Int] = []
    for value in graph.inputs { try place(value, graph, &free) }
    for (step, id) in order.enumerated() {
      guard let node = graph[id] else { continue }
      for value in node.outputs { try place(value, graph, &free) }
      for value in (endings[step] ?? []).sorted() {
        if let place = places[value] { free.append(place.block) }
      }
    }
  }

  private mutating func place(_ id: ValueID, _ graph: Graph, _ free: inout [Int]) throws {
    let value = graph[id]
    guard let bytes = value.type.byteCount(of: value.count) else {
      throw ConversionError(.unavailable, layer: value.name, "tensors of type \(value.typeName) are not run here")
    }
    guard places[id] == nil else { return }
    let fitting = free.indices.filter { blockBytes[free[$0]] >= bytes }
    let chosen =
      fitting.min { blockBytes[free[$0]] < blockBytes[free[$1]] }
      ?? free.indices.max { blockBytes[free[$0]] < blockBytes[free[$1]] }
    if let chosen {
      let block = free.remove(at: chosen)
      blockBytes[block] = max(blockBytes[block], bytes)
      places[id] = (block, bytes)
    } else {
      blockBytes.append(bytes)
      places[id] = (blockBytes.count - 1, bytes)
    }
  }

  var bytes: Int { blockBytes.reduce(0, +) }
}
