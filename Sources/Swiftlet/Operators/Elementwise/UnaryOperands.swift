import ModelFormat

/// The input and the output of an operator that computes each element from the element at the same place.
struct UnaryOperands: Sendable {
  private let input, output: Operand
  private(set) var count: Int
  private let grain: Int

  /// The shape rule: the output has the shape of the only input.
  static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 1...1, outputs: 1)
    try node.setOutput(0, shape: try node.input(0).shape)
  }

  /// `position` is that of the input among those of the node; `elementsPerThread` is how many elements are worth a thread
  /// of their own, about ten microseconds.
  init(_ node: Node, position: Int = 0, elementsPerThread: Int = 1 << 15) throws(PrepareError) {
    let (input, output) = (try node.input(position), try node.output(0))
    self.input = try node.alignedOperand(input)
    self.output = node.operand(output)
    count = output.count
    grain = elementsPerThread
    if input.type.bitWidth == output.type.bitWidth { node.allowInPlace(input: position) }
  }

  /// Follows the shape of the only input, see `AdaptableOperator`.
  mutating func adapt(to shapes: RunTimeShapes) -> Bool { adapt(to: shapes.shape(0), shapes) }

  /// Follows the output's shape.
  mutating func adapt(to shape: Shape, _ shapes: RunTimeShapes) -> Bool {
    count = shape.elementCount
    return shapes.set(0, to: shape)
  }

  /// Calls `kernel` with pointers to both tensors and ranges of elements that cover them.
  @inline(__always)
  func run(
    _ invocation: borrowing Invocation, _ kernel: (UnsafeRawPointer, UnsafeMutableRawPointer, Int, Int) -> Void
  ) {
    let input = unsafe invocation.pointer(input)
    let output = unsafe invocation.pointer(output)
    invocation.parallel(count: count, grain: grain) { begin, end, _ in unsafe kernel(input, output, begin, end) }
  }

  /// As `run`, with typed pointers to the first element of a range and its length.
  @inline(__always)
  func run<Input, Output>(
    _ invocation: borrowing Invocation, _: Input.Type, _: Output.Type,
    _ kernel: (UnsafePointer<Input>, UnsafeMutablePointer<Output>, Int) -> Void
  ) {
    unsafe run(invocation) { input, output, begin, end in
      unsafe kernel(
        input.assumingMemoryBound(to: Input.self) + begin, output.assumingMemoryBound(to: Output.self) + begin,
        end - begin)
    }
  }
}
