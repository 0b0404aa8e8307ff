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
public enum InvokeError: Error, Sendable, Equatable {
  case cancelled
  /// The time given had passed before the step of this node.
  case deadlineExceeded(node: Int)

  public var message: String {
    switch self {
    case .cancelled: "the invocation was cancelled"
    case .deadlineExceeded(let node): "the deadline passed before node \(node)"
    }
  }
}
