import ModelFormat

/// A node whose plan is made while running, once the shapes or values that it depends on are known.
struct RunTimeNode: Sendable {
  let graph: RunTimeGraph
  /// Index in `graph.nodes`.
  let index: Int
  /// By position; `nil` where an operand is absent or has no memory of its own.
  let inputs: [TensorReference?]
  let outputs: [TensorReference]
}

/// A subgraph as preparing left it, for preparing single nodes later.
///
/// Unchecked: the compiler cannot see that nobody writes to these nodes and tensors; `Graph` copies the tensors.
final class RunTimeGraph: @unchecked Sendable {
  let index: Int
  let tensors: [GraphTensor]
  let nodes: [GraphNode]
  let inputs: [Int]
  let outputs: [Int]
  /// By tensor.
  let operands: [Operand?]

  init(_ graph: Graph, operands: [Operand?]) {
    index = graph.index
    tensors = graph.tensors.map { GraphTensor(copy: $0) }
    nodes = graph.nodes
    inputs = graph.inputs
    outputs = graph.outputs
    self.operands = operands
  }
}

/// Tensors whose current values count as constants while a node is prepared in the middle of an invocation.
@safe struct RunTimeValues {
  private var known: [(tensor: Int, pointer: UnsafeRawPointer)] = unsafe []

  init() {}

  mutating func add(_ tensor: Int, at pointer: UnsafeRawPointer) { unsafe known.append((tensor, pointer)) }

  func contains(_ tensor: Int) -> Bool { unsafe known.contains { unsafe $0.tensor == tensor } }

  /// Where the value of `tensor`, one of those added, is.
  func pointer(_ tensor: Int) -> UnsafeRawPointer {
    guard let found = unsafe known.first(where: { unsafe $0.tensor == tensor }) else {
      preconditionFailure("only tensors that were added are asked for")
    }
    return unsafe found.pointer
  }
}
