/// An integer for each dimension of a tensor, without an array.
struct ByAxis: RandomAccessCollection, MutableCollection, Sendable {
  private var storage: InlineArray<8, Int>
  let count: Int

  /// `count` is at most `Shape.maximumRank`.
  init(repeating value: Int, count: Int) {
    precondition(count >= 0 && count <= Shape.maximumRank)
    storage = InlineArray(repeating: value)
    self.count = count
  }

  init(count: Int, _ value: (Int) -> Int) {
    self.init(repeating: 0, count: count)
    for axis in 0..<count { storage[axis] = value(axis) }
  }

  var startIndex: Int { 0 }
  var endIndex: Int { count }
  var indices: Range<Int> { 0..<count }

  subscript(axis: Int) -> Int {
    get {
      precondition(axis >= 0 && axis < count)
      return storage[axis]
    }
    set {
      precondition(axis >= 0 && axis < count)
      storage[axis] = newValue
    }
  }
}

extension Integers {
  /// At most `Shape.maximumRank` integers as a value that can be changed.
  var byAxis: ByAxis { ByAxis(count: count) { self[$0] } }
}

extension Shape {
  /// The shape of these dimensions; `nil` as for `init(_:)`.
  init?(_ dimensions: ByAxis) { self.init(rank: dimensions.count) { dimensions[$0] } }

  var byAxis: ByAxis { ByAxis(count: rank) { self[$0] } }
}
