/// How much one invocation of a model with control flow, or with shapes known only while running, may do.
///
/// Models without either run a fixed list of steps and need no limit.
public struct RunLimits: Sendable {
  /// Operators that an invocation may run, those of called subgraphs included each time they run. A subgraph without
  /// operators counts as one.
  public var steps: Int
  /// How many subgraphs may be active at once: the main one, one that it calls, and so on. Judged while preparing.
  public var callDepth: Int
  /// Nanoseconds that an invocation may take, judged between steps; `nil` for any time. Holds for every model.
  public var nanoseconds: UInt64?

  /// As `nanoseconds` where that is `nil`, for models with control flow, or with shapes known only while running, alone.
  public var loopNanoseconds: UInt64?

  public init(
    steps: Int = 1 << 22, callDepth: Int = 64, nanoseconds: UInt64? = nil, loopNanoseconds: UInt64? = nil
  ) {
    self.steps = steps
    self.callDepth = callDepth
    self.nanoseconds = nanoseconds
    self.loopNanoseconds = loopNanoseconds
  }
}
