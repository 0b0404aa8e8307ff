package import ModelFormat
internal import Synchronization

/// Stops an invocation from another thread: `invoke` looks at it between steps.
public final class Cancellation: Sendable {
  private let flag = Atomic(false)

  public init() {}

  /// Makes running and later invocations end with `InvokeError.cancelled`, until `reset`.
  public func cancel() { flag.store(true, ordering: .relaxed) }
  public func reset() { flag.store(false, ordering: .relaxed) }
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}

/// Why an invocation ended early. The outputs hold nothing useful then; the next invocation starts afresh.
public enum InvokeError: Error, Sendable {
  case cancelled
  /// The time given had passed before the step of this node.
  case deadlineExceeded(node: Int)
  /// The model would have run more steps than `RunLimits.steps`.
  case stepLimitExceeded(limit: Int)
  /// Operands whose shapes or values were known only now do not fit their operator, or not the memory budget.
  case refused(PrepareError)

  public var message: String { text.string }

  package var text: Text {
    var text = Text()
    switch self {
    case .cancelled: text.add("the invocation was cancelled")
    case .deadlineExceeded(let node):
      text.add("the deadline passed before node ")
      text.add(node)
    case .stepLimitExceeded(let limit):
      text.add("the model has not ended after ")
      text.add(limit)
      text.add(" steps; allow more steps if it should")
    case .refused(let error): return error.text
    }
    return text
  }
}

extension InvokeError: Equatable {
  /// Refusals are equal when their messages are.
  public static func == (a: InvokeError, b: InvokeError) -> Bool {
    switch (a, b) {
    case (.cancelled, .cancelled): true
    case (.deadlineExceeded(let a), .deadlineExceeded(let b)): a == b
    case (.stepLimitExceeded(let a), .stepLimitExceeded(let b)): a == b
    case (.refused(let a), .refused(let b)): a.message == b.message
    default: false
    }
  }
}
