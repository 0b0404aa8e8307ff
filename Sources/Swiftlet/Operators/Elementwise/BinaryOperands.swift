import CKernels
import ModelFormat

/// The two inputs and the output of an operator that computes each element from one element of either input, which
/// broadcast after NumPy's rule.
struct BinaryOperands: Sendable {
  private let a, b, output: Operand
  private var shape: swl_broadcast
  private var items, grain: Int
  private let elementsPerThread: Int

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
    self.elementsPerThread = elementsPerThread
    shape = Broadcast.make(a.shape, b.shape)
    items = Broadcast.items(shape)
    grain = Broadcast.grain(elementsPerThread, output.count, items)
    if a.count == output.count, a.type == output.type { node.allowInPlace(input: 0) }
    if b.count == output.count, b.type == output.type { node.allowInPlace(input: 1) }
  }

  /// Follows the shapes of the inputs, see `AdaptableOperator`.
  mutating func adapt(to shapes: RunTimeShapes) -> Bool {
    let (a, b) = (shapes.shape(0), shapes.shape(1))
    guard let output = Shape.broadcast(a, b) else { return false }
    shape = Broadcast.make(a, b)
    items = Broadcast.items(shape)
    grain = Broadcast.grain(elementsPerThread, output.elementCount, items)
    return shapes.set(0, to: output)
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
  /// The walk of two or three operands whose shapes broadcast.
  static func make(_ a: Shape, _ b: Shape, _ c: Shape? = nil) -> swl_broadcast {
    let rank = max(a.rank, b.rank, c?.rank ?? 0)
    var dimensions: InlineArray<24, Int> = InlineArray(repeating: 1)
    let padded = (a.padded(toRank: rank), b.padded(toRank: rank), c?.padded(toRank: rank))
    for axis in 0..<rank {
      dimensions[axis] = padded.0[axis]
      dimensions[rank + axis] = padded.1[axis]
      if let third = padded.2 { dimensions[2 * rank + axis] = third[axis] }
    }
    return unsafe withUnsafePointer(to: &dimensions) { dimensions in
      unsafe swl_broadcast_make(
        rank, c == nil ? 2 : 3, UnsafeRawPointer(dimensions).assumingMemoryBound(to: Int.self))
    }
  }

  /// The least number of items that a thread should get.
  static func grain(_ elementsPerThread: Int, _ elements: Int, _ items: Int) -> Int {
    max(1, elementsPerThread / max(1, elements / max(1, items)))
  }

  /// How many parts the work may be split into.
  static func items(_ shape: swl_broadcast) -> Int {
    unsafe withUnsafePointer(to: shape) { unsafe swl_broadcast_items($0) }
  }
}
