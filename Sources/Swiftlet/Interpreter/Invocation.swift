import CPlatform
import ModelFormat

/// What a step sees while it runs: memory by operand, the thread pool, and the other subgraphs.
@safe package struct Invocation {
  private let slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private let pool: OpaquePointer?
  private let program: Program?
  /// What a guarded program needs: its limits, and the tensors whose size is known only now.
  private let state: RunState?

  init(
    slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>, pool: OpaquePointer?, program: Program?,
    state: RunState? = nil
  ) {
    unsafe self.slots = slots
    unsafe self.pool = pool
    self.program = program
    self.state = state
  }

  /// Where `operand` is: aligned to 64 unless it is a constant of the file or a view of another tensor.
  @inline(__always)
  package func pointer(_ operand: Operand) -> UnsafeMutableRawPointer {
    unsafe slots[Int(operand.slot)].unsafelyUnwrapped  // every operand of a step has been placed
  }

  /// `count` elements at `operand`.
  @inline(__always)
  package func view<Element: BitwiseCopyable>(_ operand: Operand, as: Element.Type, count: Int) -> View<Element> {
    unsafe View(pointer(operand), count: count)
  }

  /// Calls `body` for consecutive ranges that cover `0..<count`, on several threads when there are any and the work is
  /// worth it. `grain` is the least number of items a thread should get. The third argument of `body` numbers the part,
  /// below the number of threads, for scratch memory.
  @inline(__always)
  package func parallel(count: Int, grain: Int, _ body: (_ begin: Int, _ end: Int, _ part: Int) -> Void) {
    guard let pool = unsafe pool, count >= grain * 2 else {
      body(0, count, 0)
      return
    }
    let parts = min(Int(unsafe swl_pool_threads(pool)), count / grain)
    unsafe Invocation.fork(pool, parts: parts, count: count, body)
  }

  private static func fork(
    _ pool: OpaquePointer, parts: Int, count: Int, _ body: (_ begin: Int, _ end: Int, _ part: Int) -> Void
  ) {
    withoutActuallyEscaping(body) { body in
      var job = Job(body: body, parts: parts, count: count)
      unsafe withUnsafeMutablePointer(to: &job) { job in
        unsafe swl_pool_run(
          pool,
          { context, index in
            guard let job = unsafe context?.assumingMemoryBound(to: Job.self) else { return }
            let part = Int(index)
            unsafe job.pointee.body(
              job.pointee.count * part / job.pointee.parts, job.pointee.count * (part + 1) / job.pointee.parts, part)
          }, job, Int32(parts))
      }
    }
  }

  private struct Job {
    let body: (Int, Int, Int) -> Void
    let parts: Int
    let count: Int
  }

  // MARK: Subgraphs and run-time shapes

  /// Runs the steps of an instance of a subgraph. False when the invocation has failed.
  package func run(instance: Int) -> Bool {
    guard let program, let subgraph = program.instances[instance] else { return true }
    if let state { return state.run(subgraph.steps, self) }
    for index in subgraph.steps.indices { subgraph.steps[index].run(self) }
    return true
  }

  /// Prepares node `number` for the shapes at hand unless that has been done, and runs it.
  func run(runTimeNode number: Int) { state?.run(node: number, self) }

  /// Makes `inner` another name for `outer`.
  func bind(_ inner: TensorReference, to outer: TensorReference) {
    unsafe slots[Int(inner.operand.slot)] = slots[Int(outer.operand.slot)]
    guard inner.isRunTime, let state else { return }
    state.describe(inner, shape: shape(outer), byteCount: byteCount(outer))
  }

  /// The current shape.
  func shape(_ tensor: TensorReference) -> Shape {
    guard tensor.isRunTime, let state else { return tensor.shape }
    return state.shape(tensor)
  }

  /// The current number of bytes.
  func byteCount(_ tensor: TensorReference) -> Int {
    guard tensor.isRunTime, let state else { return tensor.byteCount }
    return state.byteCount(tensor)
  }

  /// Gives `tensor` room for `shape`, or for `byteCount` bytes where the type has no fixed size. What it held is lost.
  /// False when the memory budget does not allow it, which ends the invocation.
  package func resize(_ tensor: TensorReference, to shape: Shape, byteCount: Int? = nil) -> Bool {
    guard tensor.isRunTime, let state else { return true }
    return state.resize(tensor, to: shape, byteCount: byteCount)
  }

  /// Copies shape and contents. False when the memory budget does not allow it.
  func copy(_ source: TensorReference, to destination: TensorReference) -> Bool {
    let count = byteCount(source)
    precondition(destination.isRunTime || count == destination.byteCount)  // as prepared
    guard resize(destination, to: shape(source), byteCount: count) else { return false }
    view(destination.operand, as: UInt8.self, count: count).copy(
      from: view(source.operand, as: UInt8.self, count: count))
    return true
  }

  /// Runs one step on constants, while preparing.
  static func runAlone(_ step: Step, slots: [Slot], model: Model) {
    var pointers = unsafe slots.map { slot -> UnsafeMutableRawPointer? in
      switch slot {
      case .file(let offset): unsafe UnsafeMutableRawPointer(mutating: model.bytes.base + offset)
      case .owned(let bytes): unsafe bytes.base
      case .arena, .variable, .none: nil
      }
    }
    unsafe pointers.withUnsafeMutableBufferPointer { pointers in
      guard let base = pointers.baseAddress else { return }
      unsafe step.run(Invocation(slots: base, pool: nil, program: nil))
    }
  }
}
