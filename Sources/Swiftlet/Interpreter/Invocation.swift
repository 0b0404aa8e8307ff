import CPlatform
import ModelFormat

/// What a step sees while it runs: memory by operand, the thread pool, and the other subgraphs.
@safe package struct Invocation {
  private let slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private let pool: OpaquePointer?
  private let program: Program?

  init(slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>, pool: OpaquePointer?, program: Program?) {
    unsafe self.slots = slots
    unsafe self.pool = pool
    self.program = program
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

  /// Runs the steps of another subgraph, which `Node.subgraph` has prepared.
  package func run(subgraph index: Int) {
    guard let program, let subgraph = program.subgraphs[index] else { return }
    for index in subgraph.steps.indices { subgraph.steps[index].run(self) }
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
