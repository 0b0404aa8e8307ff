/// The memory of a node that is prepared while running: scratch areas, and what its plan has packed.
///
/// A plan that is made anew asks for its areas in the same order and finds them again. They only grow, so that a shape
/// below the largest seen allocates nothing.
final class RunTimeMemory {
  enum Area {
    /// An offset in the interpreter's pool.
    case scratch(offset: Int, byteCount: Int)
    /// Memory that holds `byteCount` bytes, filled for `key`.
    case owned(OwnedBytes, byteCount: Int, key: Int)
  }

  private(set) var areas: [Area] = []
  /// Slot of the first area.
  let firstSlot: Int
  /// Bytes of all scratch areas, one after another.
  private(set) var scratchBytes = 0
  /// Bytes of the areas that are owned.
  private(set) var ownedBytes = 0
  /// Whether the plan has asked for memory that keeps its contents between invocations, which no such node can have.
  var isAskedForState = false
  private var next = 0

  init(firstSlot: Int) { self.firstSlot = firstSlot }

  /// Lets a plan that is made anew ask for its areas again.
  func begin() { next = 0 }

  func scratch(_ byteCount: Int, _ program: ProgramPreparation) -> Operand {
    if next < areas.count { drop(next, program) }
    return put(.scratch(offset: 0, byteCount: byteCount))  // placed when the plan is made
  }

  /// The memory that was filled with so many bytes under `key` at this turn before; `nil` when there is none.
  func kept(_ byteCount: Int, key: Int) -> Operand? {
    guard next < areas.count, case .owned(_, let count, let former) = areas[next], former == key, count == byteCount
    else { return nil }
    next += 1
    return Operand(slot: Int32(firstSlot + next - 1))
  }

  /// Memory filled with `fill`; what was filled with the same number of bytes and under the same `key` before is kept, if
  /// there is a key.
  func owned(
    _ byteCount: Int, key: Int?, _ program: ProgramPreparation, fill: (UnsafeMutableRawPointer) -> Void
  ) throws(PrepareError) -> Operand {
    if let key, let known = kept(byteCount, key: key) { return known }
    var bytes: OwnedBytes?
    if next < areas.count, case .owned(let known, _, _) = areas[next] {
      if known.count >= byteCount {
        bytes = known
      } else {
        drop(next, program)
      }
    }
    if bytes == nil {
      bytes = try program.allocate(byteCount)
      ownedBytes += byteCount
    }
    guard let bytes else { throw PrepareError(.outOfMemory) }
    unsafe fill(bytes.base)
    return put(.owned(bytes, byteCount: byteCount, key: key ?? Int.min))
  }

  private func put(_ area: Area) -> Operand {
    if next < areas.count { areas[next] = area } else { areas.append(area) }
    next += 1
    return Operand(slot: Int32(firstSlot + next - 1))
  }

  private func drop(_ index: Int, _ program: ProgramPreparation) {
    guard case .owned(let bytes, _, _) = areas[index] else { return }
    program.release(bytes)
    ownedBytes -= bytes.count
    areas[index] = .scratch(offset: 0, byteCount: 0)
  }

  /// Changes the size of the scratch area at `operand`.
  func resize(scratch operand: Operand, to byteCount: Int) {
    let index = Int(operand.slot) - firstSlot
    guard case .scratch(let offset, let former) = areas[index], former != byteCount else { return }
    areas[index] = .scratch(offset: offset, byteCount: byteCount)
    placeScratch()
  }

  /// Puts the scratch areas one after another.
  func placeScratch() {
    scratchBytes = 0
    for index in areas.indices {
      guard case .scratch(_, let byteCount) = areas[index] else { continue }
      areas[index] = .scratch(offset: scratchBytes, byteCount: byteCount)
      scratchBytes = scratchBytes.addingSaturated(align(max(1, byteCount)))
    }
  }

  /// Gives all memory back, and returns how many bytes were owned.
  func removeAll() -> Int {
    defer { (ownedBytes, scratchBytes, next) = (0, 0, 0) }
    areas = []
    return ownedBytes
  }
}
