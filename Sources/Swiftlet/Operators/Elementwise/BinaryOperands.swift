import CKernels
import ModelFormat

/// The two inputs and the output of an operator that computes each element from one element of either input, which
/// broadcast after NumPy's rule.
struct BinaryOperands: Sendable {
  private let a, b, output: Operand
  private let shape: swl_broadcast
  private let items, grain: Int

  /// The shape rule: the output has the shape that both inputs broadcast to.
  static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    try node.setOutput(0, shape: try broadcastShape(node, 0, 1))
  }

  /// The shape that inputs `first` and `second` broadcast to.
  static func broadcastShape(_ node: Node, _ first: Int, _ second: Int) throws(PrepareError) -> Shape {
    let (a, b) = (try node.input(first), try node.input(second))
    guard let shape = Shape.broadcast(a.shape, b.shape) else {
      throw PrepareError(
        .shapeMismatch, .input(second), field: "shape that broadcasts", found: .shape(b.shape),
        expected: .shape(a.shape))
    }
    return shape
  }

  /// `elementsPerThread` is how many elements are worth a thread of their own, about ten microseconds.
  init(_ node: Node, elementsPerThread: Int = 1 << 15) throws(PrepareError) {
    let (a, b, output) = (try node.input(0), try node.input(1), try node.output(0))
    self.a = try node.alignedOperand(a)
    self.b = try node.alignedOperand(b)
    self.output = node.operand(output)
    shape = Broadcast.make([a.shape, b.shape])
    items = Broadcast.items(shape)
    grain = max(1, elementsPerThread / max(1, output.count / max(1, items)))
    if a.count == output.count, a.type == output.type { node.allowInPlace(input: 0) }
    if b.count == output.count, b.type == output.type { node.allowInPlace(input: 1) }
  }

  /// Calls `kernel` with the pointers and ranges of items that cover the work.
  @inline(__always)
  func run(
    _ invocation: borrowing Invocation,
    _ kernel: (
      UnsafePointer<swl_broadcast>, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer, Int, Int
    ) -> Void
  ) {
    let a = unsafe invocation.pointer(a)
    let b = unsafe invocation.pointer(b)
    let output = unsafe invocation.pointer(output)
    invocation.parallel(count: items, grain: grain) { begin, end, _ in
      unsafe withUnsafePointer(to: shape) { shape in unsafe kernel(shape, a, b, output, begin, end) }
    }
  }
}

/// How operands of any number are walked together.
enum Broadcast {
  /// The walk of at most three operands whose shapes broadcast.
  static func make(_ shapes: [Shape]) -> swl_broadcast {
    let rank = shapes.reduce(0) { max($0, $1.rank) }
    let dimensions = shapes.flatMap { $0.padded(toRank: rank).dimensions }
    return unsafe dimensions.withUnsafeBufferPointer { unsafe swl_broadcast_make(rank, shapes.count, $0.baseAddress) }
  }

  /// How many parts the work may be split into.
  static func items(_ shape: swl_broadcast) -> Int {
    unsafe withUnsafePointer(to: shape) { unsafe swl_broadcast_items($0) }
  }
}
