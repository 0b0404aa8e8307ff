/// How much a file may ask of the reader before anything is known about it.
public struct ModelLimits: Sendable {
  /// Bytes of tables, vectors and strings that may be visited. A file can lead to one vector from many tables, so
  /// without a limit a small file could fill the memory. `nil` allows eight times the file's size and 1 MiB more.
  public var visitedBytes: Int?

  public init(visitedBytes: Int? = nil) {
    self.visitedBytes = visitedBytes
  }

  public static let `default` = ModelLimits()

  func budget(forFileOf count: Int) -> Int {
    if let visitedBytes { return visitedBytes }
    let (eightfold, overflow) = count.multipliedReportingOverflow(by: 8)
    return overflow ? Int.max : eightfold > Int.max - (1 << 20) ? Int.max : eightfold + 1 << 20
  }
}
