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
  /// Among those of the program.
  let number: Int
  let index: Int
  let tensors: [GraphTensor]
  let nodes: [GraphNode]
  let inputs: [Int]
  let outputs: [Int]
  /// By tensor.
  let operands: [Operand?]

  init(_ graph: Graph, number: Int, operands: [Operand?]) {
    self.number = number
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

  mutating func removeAll() { unsafe known.removeAll(keepingCapacity: true) }

  mutating func add(_ tensor: Int, at pointer: UnsafeRawPointer) { unsafe known.append((tensor, pointer)) }

  func contains(_ tensor: Int) -> Bool { position(of: tensor) != nil }

  /// A loop, as the methods of collections would allocate in debug builds.
  private func position(of tensor: Int) -> Int? {
    for index in unsafe known.indices where unsafe known[index].tensor == tensor { return index }
    return nil
  }

  /// Where the value of `tensor`, one of those added, is.
  func pointer(_ tensor: Int) -> UnsafeRawPointer {
    guard let found = position(of: tensor) else {
      preconditionFailure("only tensors that were added are asked for")
    }
    return unsafe known[found].pointer
  }
}
