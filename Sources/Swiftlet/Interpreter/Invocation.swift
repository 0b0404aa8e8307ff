import CPlatform
import ModelFormat

/// What a step sees while it runs: memory by operand, the thread pool, and the other subgraphs.
@safe package struct Invocation {
  private let slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  let pool: OpaquePointer?
  let program: Program?
  /// What a guarded program needs: its limits, and the tensors whose size is known only now.
  private var state: RunState? { Selection.hasRunTimeShapes ? runState : nil }
  private let runState: RunState?

  init(
    slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>, pool: OpaquePointer?, program: Program?,
    state: RunState? = nil
  ) {
    unsafe self.slots = slots
    unsafe self.pool = pool
    self.program = program
    runState = state
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

  // MARK: Subgraphs and run-time shapes

  /// Runs the steps of an instance of a subgraph. False when the invocation has failed.
  package func run(instance: Int) -> Bool {
    guard let program, let subgraph = program.instances[instance] else { return true }
    if let state { return state.run(subgraph.list, self) }
    for index in subgraph.list.indices { subgraph.list.run(index, self) }
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
}
