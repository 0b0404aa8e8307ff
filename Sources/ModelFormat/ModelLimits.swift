/// How much a file may ask of the reader before anything is known about it.
public struct ModelLimits: Sendable {
  /// Bytes of tables, vectors and strings that may be visited, a table counting as 64. Many tables can lead to one
  /// vector, so without a limit a small file could fill the memory. `nil` allows eight times the file's size and 1 MiB
  /// more.
  public var visitedBytes: Int?
  /// How many subgraphs may be active at once: the main one, one that it calls, and so on.
  public var callDepth: Int
  /// How many operators a subgraph may have. Planning its memory takes time in proportion to their square: some seconds
  /// for the default, which is several times what the largest published models have.
  public var operators: Int

  public init(visitedBytes: Int? = nil, callDepth: Int = 64, operators: Int = 1 << 16) {
    self.visitedBytes = visitedBytes
    self.callDepth = callDepth
    self.operators = operators
  }

  public static let `default` = ModelLimits()

  func budget(forFileOf count: Int) -> Int {
    if let visitedBytes { return visitedBytes }
    let (eightfold, overflow) = count.multipliedReportingOverflow(by: 8)
    let (sum, wraps) = eightfold.addingReportingOverflow(1 << 20)
    return overflow || wraps ? Int.max : sum
  }
}
