import CKernels
import ModelFormat

/// The plan of every operator that combines elements along axes.
struct Reduction: Sendable {
  /// What a kernel does with the elements that become one.
  enum Kernel: Sendable {
    /// float32, int32 or int64: the sum divided by a count.
    case quotient(divisor: Int)
    /// 8 and 16 bits: the sum in fixed point.
    case scaled(swl_reduce_scaling)
    case maximum, minimum, product
  }

  private let input, output: Operand
  private let type: ElementType
  private var kernel: Kernel
  private var walk: swl_reduce_shape
  private var outerCount, grain: Int
  /// Elements that are combined into one.
  private let reducedCount: Int
  private let isTruth: Bool
  /// Elements of a bool output; 0 for other types.
  private var truthCount: Int
  private let isa: swl_isa

  init(_ node: Node, _ axes: ReductionAxes, _ kernel: Kernel) throws(PrepareError) {
    let tensor = try node.input(0)
    input = node.operand(tensor)
    let result = try node.output(0)
    output = node.operand(result)
    isTruth = result.type == .bool
    truthCount = isTruth ? result.count : 0
    type = tensor.type == .bool ? .uint8 : tensor.type
    self.kernel = kernel
    walk = axes.walk
    outerCount = axes.outerCount
    reducedCount = axes.reducedCount
    grain = Reduction.grain(tensor.count, axes.outerCount)
    isa = node.isa.value
  }

  private static let elementsWorthAThread = 100_000

  private static func grain(_ elements: Int, _ outerCount: Int) -> Int {
    max(1, elementsWorthAThread / max(1, elements / max(1, outerCount)))
  }

  /// Follows the shape of the input, see `AdaptableOperator`. `isMean` says that the divisor is the number of elements.
  mutating func adapt(to shapes: RunTimeShapes, isMean: Bool = false) -> Bool {
    guard let axes = ReductionAxes(shapes), let output = axes.outputShape else { return false }
    switch kernel {
    case .quotient: kernel = .quotient(divisor: isMean ? axes.reducedCount : 1)
    case .scaled: if axes.reducedCount != reducedCount { return false }
    case .maximum, .minimum, .product: break
    }
    walk = axes.walk
    outerCount = axes.outerCount
    grain = Reduction.grain(shapes.shape(0).elementCount, axes.outerCount)
    truthCount = isTruth ? output.elementCount : 0
    return shapes.set(0, to: output)
  }

  static func infer(_ node: Node) throws(PrepareError) {
    try node.expect(inputs: 2...2, outputs: 1)
    try node.setOutput(0, shape: ReductionAxes(node).outputShape)
  }

  func run(_ invocation: borrowing Invocation) {
    let input = unsafe UnsafeRawPointer(invocation.pointer(input))
    let output = unsafe invocation.pointer(output)
    unsafe withUnsafePointer(to: walk) { walk in
      invocation.parallel(count: outerCount, grain: grain) { begin, end, _ in
        unsafe run(walk, input, output, begin, end)
      }
    }
    let truths = invocation.view(self.output, as: UInt8.self, count: truthCount)
    for index in 0..<truthCount { truths[index] = truths[index] == 0 ? 0 : 1 }
  }

  private func run(
    _ walk: UnsafePointer<swl_reduce_shape>, _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer,
    _ begin: Int, _ end: Int
  ) {
    switch kernel {
    case .quotient(let divisor): unsafe divide(walk, input, output, begin, end, divisor)
    case .scaled(let scaling): unsafe scale(walk, input, output, begin, end, scaling)
    case .maximum, .minimum, .product: unsafe compare(walk, input, output, begin, end)
    }
  }

  private func divide(
    _ walk: UnsafePointer<swl_reduce_shape>, _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer,
    _ begin: Int, _ end: Int, _ divisor: Int
  ) {
    switch type {
    case .float32:
      unsafe swl_f32_reduce_sum(
        isa, walk, input.assumingMemoryBound(to: Float.self), output.assumingMemoryBound(to: Float.self), begin, end,
        Float(divisor))
    case .int32:
      unsafe swl_i32_reduce_sum(
        isa, walk, input.assumingMemoryBound(to: Int32.self), output.assumingMemoryBound(to: Int32.self), begin, end,
        Int64(max(1, divisor)))
    default:
      unsafe swl_i64_reduce_sum(
        isa, walk, input.assumingMemoryBound(to: Int64.self), output.assumingMemoryBound(to: Int64.self), begin, end,
        Int64(max(1, divisor)))
    }
  }

  private func scale(
    _ walk: UnsafePointer<swl_reduce_shape>, _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer,
    _ begin: Int, _ end: Int, _ scaling: swl_reduce_scaling
  ) {
    unsafe withUnsafePointer(to: scaling) { scaling in
      switch type {
      case .int8:
        unsafe swl_i8_reduce_sum(
          isa, walk, input.assumingMemoryBound(to: Int8.self), output.assumingMemoryBound(to: Int8.self), begin, end,
          scaling)
      case .uint8:
        unsafe swl_u8_reduce_sum(
          isa, walk, input.assumingMemoryBound(to: UInt8.self), output.assumingMemoryBound(to: UInt8.self), begin, end,
          scaling)
      default:
        unsafe swl_i16_reduce_sum(
          isa, walk, input.assumingMemoryBound(to: Int16.self), output.assumingMemoryBound(to: Int16.self), begin, end,
          scaling)
      }
    }
  }

  private func compare(
    _ walk: UnsafePointer<swl_reduce_shape>, _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer,
    _ begin: Int, _ end: Int
  ) {
    let operation =
      switch kernel {
      case .maximum: SWL_REDUCE_MAX
      case .minimum: SWL_REDUCE_MIN
      default: SWL_REDUCE_PROD
      }
    let element =
      switch type {
      case .float32: SWL_REDUCE_F32
      case .int8: SWL_REDUCE_I8
      case .uint8: SWL_REDUCE_U8
      case .int16: SWL_REDUCE_I16
      case .int32: SWL_REDUCE_I32
      default: SWL_REDUCE_I64
      }
    unsafe swl_reduce(isa, operation, element, walk, input, output, begin, end)
  }
}
