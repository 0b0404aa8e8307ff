import CKernels
import ModelFormat

/// What an 8-bit operator makes of every stored number.
///
/// Functions that TensorFlow Lite's reference kernels compute in integers are computed in the same integers; the others
/// as it fills its own tables: the input's real value, the function in float32, times the inverse of the output's scale,
/// rounded half away from zero. SQRT rounds towards zero, after division by the output's scale.
struct UnaryTable {
  private let input: TensorQuantization
  private let function: (Int32) -> Int32

  init(_ node: Node, _ kind: UnaryKind) throws(PrepareError) {
    input = try node.quantizationPerTensor(try node.input(0), .input(0))
    let output = try node.quantizationPerTensor(try node.output(0), .output(0))
    function = try Self.function(node, kind, input, output)
  }

  /// Writes 256 bytes: the function of the stored number that each byte is.
  func fill(_ memory: UnsafeMutableRawPointer) {
    for byte in 0..<256 {
      let stored = input.type == .int8 ? Int32(Int8(truncatingIfNeeded: byte)) : Int32(byte)
      unsafe memory.storeBytes(of: UInt8(truncatingIfNeeded: function(stored)), toByteOffset: byte, as: UInt8.self)
    }
  }

  private static func function(
    _ node: Node, _ kind: UnaryKind, _ input: TensorQuantization, _ output: TensorQuantization
  ) throws(PrepareError) -> (Int32) -> Int32 {
    let ratio = Double(input.scale) / Double(output.scale)
    switch kind {
    case .clamp(let limits):
      return rescaling(input, output, try node.fixedPoint(ratio), to: output.limits(limits))
    case .leakyReLU:
      let positive = rescaling(input, output, try node.fixedPoint(ratio), to: output.range)
      let alpha = Double(node.options.float(0))
      let negative = rescaling(input, output, try node.fixedPoint(ratio * alpha), to: output.range)
      return { $0 >= input.zeroPoint ? positive($0) : negative($0) }
    case .abs:
      let rescale = rescaling(input, output, try node.fixedPoint(ratio), to: output.range)
      return { rescale(input.zeroPoint + Swift.abs($0 - input.zeroPoint)) }
    case .neg:
      return rescaling(input, output, try node.fixedPoint(-ratio), to: output.range)
    case .sqrt:
      return { stored in
        let root = input.real(max(stored, input.zeroPoint)).squareRoot() / output.scale
        let value = root < 65536 ? Int32(root) : 65536
        return min(value + output.zeroPoint, output.range.upperBound)
      }
    case .hardSwish:
      let hardSwish = try QuantizedHardSwish(node, input, output)
      return { hardSwish.value($0) }
    default:
      let kernel = kind.kernel(node)
      return { output.stored(swl_f32_unary_value(kernel, input.real($0))) }
    }
  }

  /// `clamp(outputZeroPoint + (q - inputZeroPoint) * ratio)` in fixed point.
  static func rescaling(
    _ input: TensorQuantization, _ output: TensorQuantization, _ ratio: QuantizedMultiplier,
    to range: ClosedRange<Int32>
  ) -> (Int32) -> Int32 {
    { stored in
      let value = Int64(ratio.doubleRounding(stored - input.zeroPoint)) + Int64(output.zeroPoint)
      return Int32(min(max(value, Int64(range.lowerBound)), Int64(range.upperBound)))
    }
  }
}
