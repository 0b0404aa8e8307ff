package import ModelFormat

/// A tensor whose size is known only while running, as the program describes it to each interpreter.
struct RunTimeTensorPlan: Sendable {
  let slot: Int32
  let type: ElementType
  /// Bytes of the arena that the plan has set aside; 0 when there is no bound.
  var capacity = 0
  /// The shape where the file fixes it and only the bytes are unknown: strings.
  var shape: Shape = .scalar
}

/// Its state in one interpreter: the current shape, and memory that only grows.
@safe struct RunTimeTensor {
  var shape: Shape
  /// Bytes of the current contents.
  var byteCount = 0
  /// Bytes behind the slot's pointer.
  var capacity: Int
  /// Memory beyond the arena's, once that was too small.
  var owned: UnsafeMutableRawPointer?

  init(_ plan: RunTimeTensorPlan) {
    shape = plan.shape
    capacity = plan.capacity
    unsafe owned = nil
  }
}

/// A tensor as steps refer to it whose operands may have run-time shapes.
package struct TensorReference: Sendable {
  package let operand: Operand
  package let type: ElementType
  /// The number of the run-time tensor; -1 for tensors that have `shape`.
  let runTime: Int32
  let shape: Shape
  let byteCount: Int

  var isRunTime: Bool { runTime >= 0 }
}
