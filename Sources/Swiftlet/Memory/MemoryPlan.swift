/// Where every tensor and scratch area of a subgraph lies in its arena.
package struct MemoryPlan: Sendable {
  /// By tensor: byte offset; `nil` for tensors that need no arena.
  package var tensorOffsets: [Int?] = []
  /// By scratch request, in order.
  package var scratchOffsets: [Int] = []
  /// Bytes of the arena.
  package var peak = 0
  /// The largest number of bytes alive at one step: no plan can be smaller.
  package var lowerBound = 0
  /// What lies where and when.
  var areas: [Area] = []
  /// By tensor: the next one that shares its area; -1 behind the last.
  var following: [Int] = []

  struct Area: Sendable, BitwiseCopyable {
    /// The outermost tensor; -1 for scratch memory.
    let firstTensor: Int
    let offset, byteCount: Int
    let first, last: Int
  }

  /// The tensors of an area.
  struct Members: Sequence, IteratorProtocol {
    private var tensor: Int
    private let following: [Int]

    init(first: Int, following: [Int]) { (tensor, self.following) = (first, following) }

    mutating func next() -> Int? {
      guard tensor >= 0 else { return nil }
      defer { tensor = following[tensor] }
      return tensor
    }
  }

  /// What lies where and when, for drawing.
  package var blocks: [Block] {
    areas.map { area in
      Block(
        tensors: Array(Members(first: area.firstTensor, following: following)), offset: area.offset,
        byteCount: area.byteCount, first: area.first, last: area.last)
    }
  }

  package struct Block: Sendable {
    /// The tensors that share the block, outermost first; empty for scratch memory.
    package var tensors: [Int]
    package var offset: Int
    package var byteCount: Int
    /// First and last node that touches it.
    package var first: Int
    package var last: Int
  }

  package init() {}
}

/// A wish to let tensors share memory. The planner grants it when nobody could tell.
enum SharingRequest {
  case inPlace(output: Int, input: Int, step: Int)
  case view(inner: Int, outer: Int, byteOffset: Int)
}
