/// The elements of a constant int32 or int64 tensor as integers, read where they stand, at any alignment.
@safe package struct Integers: RandomAccessCollection {
  private let base: UnsafeRawPointer
  package let count: Int
  private let isWide: Bool

  init(_ base: UnsafeRawPointer, count: Int, isWide: Bool) {
    unsafe self.base = base
    self.count = count
    self.isWide = isWide
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { count }
  package var indices: Range<Int> { 0..<count }

  package subscript(index: Int) -> Int {
    precondition(index >= 0 && index < count)
    guard isWide else { return Int(unsafe base.loadUnaligned(fromByteOffset: index * 4, as: Int32.self)) }
    return Int(clamping: unsafe base.loadUnaligned(fromByteOffset: index * 8, as: Int64.self))
  }
}

extension Shape {
  /// The shape whose dimensions are `values`; `nil` as for `init(_:)`.
  init?(_ values: Integers) { self.init(rank: values.count) { values[$0] } }

  /// The shape of up to five dimensions, without an array; `nil` as for `init(_:)`.
  init?(
    of first: Int, _ second: Int? = nil, _ third: Int? = nil, _ fourth: Int? = nil, _ fifth: Int? = nil
  ) {
    let rank = second == nil ? 1 : third == nil ? 2 : fourth == nil ? 3 : fifth == nil ? 4 : 5
    self.init(rank: rank) { axis in
      switch axis {
      case 0: first
      case 1: second ?? 1
      case 2: third ?? 1
      case 3: fourth ?? 1
      default: fifth ?? 1
      }
    }
  }
}
