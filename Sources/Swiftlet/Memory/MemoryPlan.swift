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
  /// What lies where and when, for drawing.
  package var blocks: [Block] = []

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
