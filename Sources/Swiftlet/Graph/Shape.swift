/// The dimensions of a tensor, outermost first: at most eight, each in `0...Int32.max`, their product within `Int`.
///
/// A plain value without heap storage, so that plans can hold it, and small, because every look at a tensor copies it.
public struct Shape: Equatable, Sendable {
  public static let maximumRank = 8

  private var storage: InlineArray<8, Int32> = InlineArray(repeating: 1)
  private var storedRank: Int32
  public var rank: Int { Int(storedRank) }
  /// The product of all dimensions; 1 for a scalar.
  public private(set) var elementCount: Int

  /// `nil` when there are more than eight dimensions, one is negative or above `Int32.max`, or the product
  /// overflows.
  public init?(_ dimensions: [Int]) {
    self.init(rank: dimensions.count) { dimensions[$0] }
  }

  /// The shape of `rank` dimensions, each as `dimension` says, without an array; `nil` as for `init(_:)`.
  init?(rank: Int, _ dimension: (Int) -> Int) {
    guard rank <= Shape.maximumRank else { return nil }
    storedRank = Int32(rank)
    elementCount = 1
    // Overflow is judged without the zeros, so that a permutation of the dimensions is judged alike.
    var product = 1
    for index in 0..<rank {
      let dimension = dimension(index)
      guard dimension >= 0, let stored = Int32(exactly: dimension) else { return nil }
      storage[index] = stored
      if dimension == 0 {
        elementCount = 0
        continue
      }
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard !overflow else { return nil }
      product = next
    }
    if elementCount != 0 { elementCount = product }
  }

  /// The shape of a scalar.
  public static let scalar = Shape()

  private init() {
    storedRank = 0
    elementCount = 1
  }

  /// The shape of so many rows and columns, neither negative; `nil` when one or the product is too large.
  static func matrix(_ rows: Int, _ columns: Int) -> Shape? {
    var shape = Shape()
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard !overflow, let first = Int32(exactly: rows), let second = Int32(exactly: columns) else { return nil }
    shape.storedRank = 2
    (shape.storage[0], shape.storage[1]) = (first, second)
    shape.elementCount = count
    return shape
  }

  /// The dimension at `index`, which is in `0..<rank`.
  public subscript(index: Int) -> Int {
    precondition(index >= 0 && index < rank)
    return Int(storage[index])
  }

  public var dimensions: [Int] { (0..<rank).map { Int(storage[$0]) } }

  /// The last dimension; 1 for a scalar.
  public var last: Int { rank == 0 ? 1 : Int(storage[rank - 1]) }

  /// The product of the dimensions in `range`; 1 for an empty range.
  public func count(of range: Range<Int>) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= rank)
    var product = 1
    for index in range { product &*= Int(storage[index]) }  // part of a product that was checked, or beside a zero
    return product
  }

  /// This shape with ones put before it until it has `rank` dimensions.
  public func padded(toRank wanted: Int) -> Shape {
    precondition(wanted >= rank && wanted <= Shape.maximumRank)
    var result = self
    result.storedRank = Int32(wanted)
    for index in 0..<wanted {
      result.storage[index] = index < wanted - rank ? 1 : storage[index - (wanted - rank)]
    }
    return result
  }

  /// The index of the dimension that `axis` means, negative values counting from the end; `nil` outside the rank.
  public func normalized(axis: Int) -> Int? {
    let index = axis < 0 ? axis &+ rank : axis
    return index >= 0 && index < rank ? index : nil
  }

  /// The shape that both broadcast to, after NumPy's rule; `nil` when they do not fit.
  public static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
    let rank = max(a.rank, b.rank)
    let left = a.padded(toRank: rank)
    let right = b.padded(toRank: rank)
    for index in 0..<rank {
      let (l, r) = (left.storage[index], right.storage[index])
      guard l == r || l == 1 || r == 1 else { return nil }
    }
    return Shape(rank: rank) { Int(left.storage[$0] == 1 ? right.storage[$0] : left.storage[$0]) }
  }

  public static func == (a: Shape, b: Shape) -> Bool {
    guard a.rank == b.rank else { return false }
    for index in 0..<a.rank where a.storage[index] != b.storage[index] { return false }
    return true
  }
}
