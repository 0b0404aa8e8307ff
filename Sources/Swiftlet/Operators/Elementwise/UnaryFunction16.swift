import CKernels
import ModelFormat

/// The functions of int16 tensors, whose zero points are 0, as TensorFlow Lite's kernels compute them: slopes in fixed
/// point, LOGISTIC and TANH from a table of the logistic function, the others by interpolation between 513 values.
enum UnaryFunction16: Sendable {
  case slopes(swl_i16_slopes)
  /// 256 numbers of 16 bits; multiplier and shift of the input.
  case sigmoid(Operand, multiplier: Int32, shift: Int32, isTanh: Bool)
  /// 513 numbers of 16 bits.
  case interpolated(Operand)
  case squareRoot(inputScale: Float, outputScale: Float)

  init(_ node: Node, _ kind: UnaryKind) throws(PrepareError) {
    let input = try node.quantizationPerTensor(try node.input(0), .input(0))
    let output = try node.quantizationPerTensor(try node.output(0), .output(0))
    let ratio = Double(input.scale) / Double(output.scale)
    switch kind {
    case .clamp(let limits):
      self = try .slopes(node, positive: ratio, negative: ratio, output.limits(limits))
    case .leakyReLU:
      let alpha = Double(node.options.float(0))
      self = try .slopes(node, positive: ratio, negative: ratio * alpha, output.range)
    case .abs: self = try .slopes(node, positive: ratio, negative: -ratio, output.range)
    case .neg: self = try .slopes(node, positive: -ratio, negative: -ratio, output.range)
    case .logistic, .tanh: self = try UnaryFunction16.sigmoid(node, kind, input, output)
    case .sqrt: self = .squareRoot(inputScale: input.scale, outputScale: output.scale)
    default:
      let values = InterpolationTable(kind.kernel(node), input, output).values
      self = .interpolated(
        unsafe try node.packed(values.count * 2) { memory in
          for (index, value) in values.enumerated() {
            unsafe memory.storeBytes(of: value, toByteOffset: index * 2, as: Int16.self)
          }
        })
    }
  }

  private static func slopes(
    _ node: Node, positive: Double, negative: Double, _ range: ClosedRange<Int32>
  ) throws(PrepareError) -> UnaryFunction16 {
    .slopes(
      swl_i16_slopes(
        positive: try node.fixedPoint(positive).c, negative: try node.fixedPoint(negative).c,
        minimum: range.lowerBound, maximum: range.upperBound))
  }

  private static func sigmoid(
    _ node: Node, _ kind: UnaryKind, _ input: TensorQuantization, _ output: TensorQuantization
  ) throws(PrepareError) -> UnaryFunction16 {
    guard output.scale == 1 / 32768 else {
      throw PrepareError(
        .quantizationInvalid, .output(0), field: "scale", found: .float(output.scale), expected: .float(1 / 32768))
    }
    let table = unsafe try node.packed(512) { memory in
      for index in 0..<256 {
        let value = (65536 * logistic(Double(index) / 24) + 0.5).rounded(.down)
        unsafe memory.storeBytes(of: UInt16(min(value, 65535)), toByteOffset: index * 2, as: UInt16.self)
      }
    }
    let (multiplier, shift) = sigmoidMultiplier(input.scale)
    var isTanh = false
    if case .tanh = kind { isTanh = true }
    return .sigmoid(table, multiplier: multiplier, shift: shift, isTanh: isTanh)
  }

  private static func logistic(_ x: Double) -> Double { swl_logistic_f64(x) }

  /// From the input's scale to 1/12288: three times a small power of two exactly, anything else as 15 bits and a shift.
  private static func sigmoidMultiplier(_ scale: Float) -> (multiplier: Int32, shift: Int32) {
    if scale == 1 / 4096 { return (3, 0) }
    if scale == 1 / 2048 { return (6, 0) }
    var multiplier = Double(scale) * 4096 * 3
    var shift: Int32 = 0
    while multiplier <= 32767 / 2, shift <= 30 {
      shift += 1
      multiplier *= 2
    }
    return (Int32(min(multiplier, 32767)), min(shift, 30))
  }

  func run(_ operands: UnaryOperands, _ invocation: borrowing Invocation) {
    unsafe operands.run(invocation, Int16.self, Int16.self) { input, output, count in
      switch self {
      case .slopes(var parameters): unsafe swl_i16_slope(&parameters, input, output, count)
      case .sigmoid(let table, let multiplier, let shift, let isTanh):
        var parameters = unsafe swl_i16_sigmoid_params(
          table: invocation.pointer(table).assumingMemoryBound(to: UInt16.self), multiplier: multiplier, shift: shift,
          is_tanh: isTanh)
        unsafe swl_i16_sigmoid(&parameters, input, output, count)
      case .interpolated(let table):
        unsafe swl_lookup_i16(
          invocation.pointer(table).assumingMemoryBound(to: Int16.self), input, output, count)
      case .squareRoot(let inputScale, let outputScale):
        unsafe swl_i16_sqrt(inputScale, outputScale, input, output, count)
      }
    }
  }
}

/// A function at every 128th int16 number, after TensorFlow Lite's `LUTPopulateInt16`: each value is moved by half the
/// error that the straight line makes in the middle. Where the function is not finite the table holds the lowest number,
/// or the highest for infinity and for RSQRT.
struct InterpolationTable {
  let values: [Int16]

  init(_ function: swl_unary, _ input: TensorQuantization, _ output: TensorQuantization) {
    let (lowest, highest): (Float, Float) = (-32768, 32767)
    let start = input.scale * lowest
    let step = (input.scale * highest - start) / 512
    let scaling = 65536 / (output.scale * highest - output.scale * lowest)
    func rounded(_ x: Float) -> Float { x.rounded(.toNearestOrAwayFromZero) }
    func stored(_ x: Float) -> Int16 { x > lowest ? Int16(x < highest ? x : highest) : Int16(lowest) }
    func value(_ x: Float) -> Float {
      let value = swl_f32_unary_value(function, x)
      if value.isFinite { return value }
      let isHigh = value == .infinity || function.op == SWL_UNARY_RSQRT
      return output.scale * (isHigh ? highest : lowest)
    }
    var values = (0..<512).map { index in
      let x = start + Float(index) * step
      let here = rounded(value(x) * scaling)
      let line = rounded((value(start + Float(index + 1) * step) * scaling + here) / 2)
      let middle = rounded(value(x + step / 2) * scaling)
      return stored(here - rounded((line - middle) / 2))
    }
    values.append(stored(rounded(value(input.scale * highest) * scaling)))
    self.values = values
  }
}
