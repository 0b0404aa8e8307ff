internal import CPlatform
internal import ModelFormat
internal import Synchronization

/// Weights that are packed when a program first runs rather than while it is prepared: their memory is reserved and
/// counted while preparing, their bytes are written once, before the first step of the first invocation, by whichever
/// thread comes first. Those that the model file holds packed are used where they are.
///
/// What a mapped model file contributed leaves the resident memory as soon as it is packed, so that no weight is resident
/// twice for long.
///
/// Unchecked: the compiler cannot see that only the thread that moved `state` away from `waiting` touches `packings`.
@safe final class PackedWeights: @unchecked Sendable {
  private let state: Atomic<Int>
  private var packings: [WeightPacking]
  private let memory: UnsafeMutableRawPointer?
  private let byteCount: Int
  /// Where the storable ones are.
  private let storable: UnsafeMutableRawPointer?
  /// Whether the storable ones are those of the file.
  let areStored: Bool
  private let buffer: PackingBuffer
  private let source: ModelBytes

  /// Bytes from which on a layer is packed before others.
  private static let large = 256 << 10

  private static let waiting = 0
  private static let running = 1
  private static let done = 2

  /// - Parameters:
  ///   - stored: where the file holds the storable weights packed; `nil` when it does not.
  /// - Throws: `outOfMemory`.
  convenience init(
    _ packings: [WeightPacking], _ space: PackingSpace, stored: UnsafeRawPointer?, _ buffer: PackingBuffer,
    from source: ModelBytes
  ) throws(PrepareError) {
    try buffer.reserve()
    let byteCount = unsafe space.other + (stored == nil ? space.storable : 0)
    var memory: UnsafeMutableRawPointer?
    if byteCount > 0 {
      unsafe memory = swl_allocate(byteCount)
      if unsafe memory == nil {
        throw PrepareError(.outOfMemory, field: "memory for packed weights", found: .int(byteCount))
      }
    }
    let waiting = unsafe stored == nil ? packings : packings.filter { !$0.isStorable }
    let storable =
      unsafe stored.map { unsafe UnsafeMutableRawPointer(mutating: $0) } ?? memory.map { unsafe $0 + space.other }
    unsafe self.init(waiting, memory, byteCount, storable, areStored: stored != nil, buffer, source)
  }

  /// Cannot fail: Embedded Swift does not free the object that a designated initializer leaves by throwing.
  private init(
    _ packings: [WeightPacking], _ memory: UnsafeMutableRawPointer?, _ byteCount: Int,
    _ storable: UnsafeMutableRawPointer?, areStored: Bool, _ buffer: PackingBuffer, _ source: ModelBytes
  ) {
    self.packings = packings
    unsafe self.memory = memory
    self.byteCount = byteCount
    unsafe self.storable = storable
    self.areStored = areStored
    self.buffer = buffer
    self.source = source
    state = Atomic(packings.isEmpty ? PackedWeights.done : PackedWeights.waiting)
  }

  deinit { unsafe swl_deallocate(memory) }

  /// Where the weights at `offset` of their space are, once `finish` has returned.
  func pointer(at offset: Int, isStorable: Bool) -> UnsafeMutableRawPointer? {
    unsafe (isStorable ? storable : memory).map { unsafe $0 + offset }
  }

  /// Returns when every weight is packed. One load of a word when that has been done before.
  func finish() {
    if state.load(ordering: .acquiring) != PackedWeights.done { pack() }
  }

  private func pack() {
    let (mine, _) = state.compareExchange(
      expected: PackedWeights.waiting, desired: PackedWeights.running, ordering: .acquiring)
    guard mine else {
      while state.load(ordering: .acquiring) != PackedWeights.done { swl_yield() }
      return
    }
    var reading = ReadingOnce(source)
    if byteCount >= ReadingOnce.droppedTogether { reading.drop() }
    // The largest come first, while the memory of the others is not resident yet: all of a layer's constants are.
    let large = packings.filter { $0.byteCount >= PackedWeights.large }.sorted { $0.byteCount > $1.byteCount }
    for packing in large {
      unsafe fill(packing, &reading) { unsafe swl_populate(memory, byteCount, $0, packing.byteCount) }
    }
    unsafe swl_populate(memory, byteCount, memory, byteCount)
    for packing in packings where packing.byteCount < PackedWeights.large { unsafe fill(packing, &reading) { _ in } }
    reading.finish()
    packings = []
    buffer.release()
    state.store(PackedWeights.done, ordering: .releasing)
  }

  private func fill(
    _ packing: WeightPacking, _ reading: inout ReadingOnce, _ prepare: (UnsafeMutableRawPointer) -> Void
  ) {
    guard let target = unsafe pointer(at: packing.offset, isStorable: packing.isStorable) else { return }
    unsafe prepare(target)
    unsafe packing.fill(target)
    reading.note(packing.byteCount)
  }
}

/// One layer's weights in the making.
@safe struct WeightPacking {
  /// Where they will be in their space, aligned to 64.
  let offset: Int
  let byteCount: Int
  /// `nil` for weights that nothing else can share.
  let key: PackingKey?
  /// The packing of the same constant that was asked for before this one; -1 for none.
  let previous: Int
  let fill: (UnsafeMutableRawPointer) -> Void
  /// Keeps constants that `fill` reads.
  let preparation: SubgraphPreparation?

  var isStorable: Bool { key?.isStorable ?? false }
}

/// Memory that every packing of a program may use while it writes; given back after the last one.
@safe final class PackingBuffer {
  private(set) var base: UnsafeMutableRawPointer?
  var byteCount = 0

  init() { unsafe base = nil }

  deinit { release() }

  /// - Throws: `outOfMemory`.
  func reserve() throws(PrepareError) {
    guard byteCount > 0 else { return }
    unsafe base = swl_allocate(byteCount)
    if unsafe base == nil {
      throw PrepareError(.outOfMemory, field: "memory for packing weights", found: .int(byteCount))
    }
  }

  func release() {
    unsafe swl_deallocate(base)
    unsafe base = nil
  }
}

/// Bytes of packed weights: those that a file may hold, and the others.
struct PackingSpace {
  var storable = 0
  var other = 0
}

/// Drops the pages of a mapped file now and then while its constants are read one after another, each only once.
struct ReadingOnce {
  private let source: ModelBytes
  private var count = 0
  private var hasDropped = false

  /// How much is read before pages are dropped.
  static let droppedTogether = 128 << 10

  init(_ source: ModelBytes) { self.source = source }

  mutating func note(_ byteCount: Int) {
    count += byteCount
    if count >= Self.droppedTogether { drop() }
  }

  mutating func drop() {
    source.forgetPages()
    count = 0
    hasDropped = true
  }

  /// What was read in all was worth it or was not.
  func finish() {
    if hasDropped { source.forgetPages() }
  }
}
