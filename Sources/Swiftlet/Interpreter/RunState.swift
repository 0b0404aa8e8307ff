internal import CPlatform
internal import ModelFormat

/// What an interpreter keeps for a guarded program: the limits of the invocation, the tensors whose size is known only
/// while running, and the plans made for them.
@safe final class RunState {
  /// Slots behind those of the program, for the plan of the node that is running.
  static let spareSlots = 512

  let program: Program
  let slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private let tensors: UnsafeMutablePointer<RunTimeTensor>
  /// By node that is prepared while running.
  let steps: [RunTimeStep]
  /// By subgraph with such nodes: where they are planned.
  var preparations: [SubgraphPreparation?]
  /// Scratch memory of the node that is running.
  var pool = RunTimeTensor(RunTimeTensorPlan(slot: -1, type: .uint8))
  /// Bytes beyond those that the program has reserved.
  var extraBytes = 0

  private var failure: InvokeError?
  private(set) var hasFailed = false
  private var stepsLeft = 0
  private var isWatched = false
  private var end = UInt64.max
  private var cancellation: Cancellation?

  /// `nil` when out of memory.
  convenience init?(_ program: Program, slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
    let bytes = program.runTimeTensors.count * MemoryLayout<RunTimeTensor>.stride
    guard let memory = unsafe swl_allocate(max(bytes, 1)) else { return nil }
    unsafe self.init(program, slots, memory.assumingMemoryBound(to: RunTimeTensor.self))
  }

  /// Cannot fail: Embedded Swift does not free the object that a designated initializer leaves by failing.
  private init(
    _ program: Program, _ slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
    _ tensors: UnsafeMutablePointer<RunTimeTensor>
  ) {
    self.program = program
    unsafe self.slots = slots
    unsafe self.tensors = tensors
    steps = program.runTimeNodes.map { _ in RunTimeStep(firstSlot: program.slots.count) }
    preparations = Array(repeating: nil, count: program.runTimeNodes.reduce(0) { max($0, $1.graph.number + 1) })
    for index in program.runTimeTensors.indices {
      unsafe (tensors + index).initialize(to: RunTimeTensor(program.runTimeTensors[index]))
    }
  }

  deinit {
    for index in program.runTimeTensors.indices { unsafe swl_deallocate(tensors[index].owned) }
    unsafe swl_deallocate(pool.owned)
    unsafe swl_deallocate(tensors)
  }

  // MARK: Limits

  func begin(within deadline: UInt64?, _ cancellation: Cancellation?) {
    failure = nil
    hasFailed = false
    stepsLeft = program.options.limits.steps
    self.cancellation = cancellation
    let deadline = deadline ?? program.options.limits.loopNanoseconds
    isWatched = deadline != nil || cancellation != nil
    end = deadline.map { swl_nanoseconds().addingSaturated($0) } ?? .max
  }

  func invoke(
    _ invocation: borrowing Invocation, within deadline: UInt64?, _ cancellation: Cancellation?
  ) throws(InvokeError) {
    begin(within: deadline, cancellation)
    _ = invocation.run(instance: 0)
    self.cancellation = nil
    try check()
  }

  /// - Throws: what has ended the invocation, if anything has.
  func check() throws(InvokeError) {
    if let failure { throw failure }
  }

  /// Why memory was refused.
  var refusal: PrepareError? {
    if case .refused(let error) = failure { return error }
    return nil
  }

  func fail(_ error: InvokeError) {
    guard !hasFailed else { return }
    failure = error
    hasFailed = true
  }

  /// Runs the steps of `list` unless a limit is reached. False when the invocation has failed.
  func run(_ list: StepList, _ invocation: borrowing Invocation) -> Bool {
    stepsLeft -= max(1, list.steps.count)
    guard stepsLeft >= 0 else {
      fail(.stepLimitExceeded(limit: program.options.limits.steps))
      return false
    }
    for index in list.indices {
      if isWatched { watch(before: list.node(index)) }
      guard !hasFailed else { return false }
      list.run(index, invocation)
      guard !hasFailed else { return false }
    }
    if list.indices.isEmpty && isWatched { watch(before: 0) }
    return !hasFailed
  }

  private func watch(before node: Int) {
    if let cancellation, cancellation.isCancelled { fail(.cancelled) }
    if swl_nanoseconds() > end { fail(.deadlineExceeded(node: node)) }
  }

  // MARK: Tensors

  func shape(_ tensor: TensorReference) -> Shape { unsafe tensors[Int(tensor.runTime)].shape }

  func byteCount(_ tensor: TensorReference) -> Int { unsafe tensors[Int(tensor.runTime)].byteCount }

  /// Notes what the caller's tensor is that `tensor` stands for.
  func describe(_ tensor: TensorReference, shape: Shape, byteCount: Int) {
    unsafe tensors[Int(tensor.runTime)].shape = shape
    unsafe tensors[Int(tensor.runTime)].byteCount = byteCount
  }

  /// Gives `tensor` room for `shape`. False when that fails, which ends the invocation.
  func resize(_ tensor: TensorReference, to shape: Shape, byteCount: Int?) -> Bool {
    guard let bytes = byteCount ?? tensor.type.byteCount(of: shape.elementCount) else {
      fail(.refused(PrepareError(.shapeUnsupported, field: "shape known while running", found: .shape(shape))))
      return false
    }
    let state = unsafe tensors + Int(tensor.runTime)
    if unsafe bytes > state.pointee.capacity {
      guard unsafe grow(&state.pointee, to: bytes) else { return false }
      unsafe slots[Int(tensor.operand.slot)] = state.pointee.owned
    } else if let owned = unsafe state.pointee.owned {
      unsafe slots[Int(tensor.operand.slot)] = owned
    }
    describe(tensor, shape: shape, byteCount: bytes)
    return true
  }

  /// Gives `tensor` memory of its own. False when that fails, which ends the invocation.
  func grow(_ tensor: inout RunTimeTensor, to byteCount: Int) -> Bool {
    let former = unsafe tensor.owned == nil ? 0 : tensor.capacity
    guard reserve(byteCount, insteadOf: former) else { return false }
    guard let memory = unsafe swl_allocate(byteCount) else {
      extraBytes += former - byteCount
      fail(.refused(PrepareError(.outOfMemory, field: "bytes of a tensor", found: .int(byteCount))))
      return false
    }
    unsafe swl_deallocate(tensor.owned)
    unsafe tensor.owned = memory
    tensor.capacity = byteCount
    return true
  }

  /// Counts bytes against the memory budget. False when they do not fit, which ends the invocation.
  private func reserve(_ byteCount: Int, insteadOf former: Int) -> Bool {
    let needed = program.reservedBytes.addingSaturated(extraBytes - former).addingSaturated(byteCount)
    guard needed <= program.options.memoryBudget else {
      fail(
        .refused(
          PrepareError(
            .memoryBudget, field: "bytes needed", found: .int(needed), expected: .int(program.options.memoryBudget),
            remedy: "raise the memory budget or use a smaller input")))
      return false
    }
    extraBytes += byteCount - former
    return true
  }
}

extension UInt64 {
  fileprivate func addingSaturated(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
