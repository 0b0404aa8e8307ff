/// How much a file may ask of the reader before anything is known about it.
public struct ModelLimits: Sendable {
  /// Bytes of tables, vectors and strings that may be visited, a table counting as 64. Many tables can lead to one
  /// vector, so without a limit a small file could fill the memory. `nil` allows eight times the file's size and 1 MiB
  /// more.
  public var visitedBytes: Int?
  /// How many subgraphs may be active at once: the main one, one that it calls, and so on.
  public var callDepth: Int

  public init(visitedBytes: Int? = nil, callDepth: Int = 64) {
    self.visitedBytes = visitedBytes
    self.callDepth = callDepth
  }

  public static let `default` = ModelLimits()

  func budget(forFileOf count: Int) -> Int {
    if let visitedBytes { return visitedBytes }
    let (eightfold, overflow) = count.multipliedReportingOverflow(by: 8)
    let (sum, wraps) = eightfold.addingReportingOverflow(1 << 20)
    return overflow || wraps ? Int.max : sum
  }
}
