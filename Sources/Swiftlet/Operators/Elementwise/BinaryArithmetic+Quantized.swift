import CKernels
import ModelFormat

/// The multipliers of quantized arithmetic, after the `Prepare` functions of TensorFlow Lite's kernels.
extension BinaryArithmetic {
  /// `nil` for the operators that work on the stored numbers.
  static func quantizedKernel(
    _ node: Node, _ operation: swl_binary_op, _ type: swl_type, _ limits: ActivationLimits
  ) throws(PrepareError) -> Kernel? {
    switch operation {
    case SWL_BINARY_MAXIMUM, SWL_BINARY_MINIMUM, SWL_BINARY_FLOOR_DIV, SWL_BINARY_FLOOR_MOD: return nil
    default: break
    }
    let a = try node.quantizationPerTensor(try node.input(0), .input(0))
    let b = try node.quantizationPerTensor(try node.input(1), .input(1))
    let output = try node.quantizationPerTensor(try node.output(0), .output(0))
    let range = output.limits(limits)
    switch operation {
    case SWL_BINARY_ADD, SWL_BINARY_SUB:
      let subtract = operation == SWL_BINARY_SUB
      if type == SWL_I16, node.options.bool(1, default: true),
        let shifted = shiftedSum(a, b, output, range, subtract: subtract)
      {
        return .shiftedSum(shifted)
      }
      if type != SWL_I16, let sum = sum8(a, b, output, range, subtract: subtract) { return .sum8(type, sum) }
      return .quantizedAdd(type, try sum(node, a, b, output, range, type == SWL_I16 ? 15 : 20, subtract: subtract))
    case SWL_BINARY_SQUARED_DIFFERENCE:
      return .squaredDifference(type, squaredDifference(a, b, output, range))
    case SWL_BINARY_MUL:
      if type != SWL_I16, let product = product8(a, b, output, range) { return .product8(type, product) }
      let multiplier = try node.fixedPoint(Double(a.scale) * Double(b.scale) / Double(output.scale))
      return .quantizedMul(
        type,
        swl_quantized_mul_params(
          a_offset: -a.zeroPoint, b_offset: -b.zeroPoint, output_offset: output.zeroPoint, output: multiplier.c,
          minimum: range.lowerBound, maximum: range.upperBound))
    default:
      return .quantizedDiv(
        type,
        swl_quantized_div_params(
          a_offset: -a.zeroPoint, b_offset: -b.zeroPoint, output_offset: output.zeroPoint,
          scale: Double(a.scale) / (Double(b.scale) * Double(output.scale)), minimum: range.lowerBound,
          maximum: range.upperBound))
    }
  }

  /// ADD and SUB on 8 bits as XNNPACK computes them: both ratios of scales as integers with the same shift, the larger of
  /// 21 bits. Several times as fast as the reference kernel's three multiplications and at most one unit from it, in about
  /// two of a million pairs. `nil` for ratios beyond 2^-10..<2^8.
  private static func sum8(
    _ a: TensorQuantization, _ b: TensorQuantization, _ output: TensorQuantization, _ range: ClosedRange<Int32>,
    subtract: Bool
  ) -> swl_q8_sum_params? {
    let (aRatio, bRatio) = (a.scale / output.scale, b.scale / output.scale)
    let ratios: Range<Float> = 0x1p-10..<0x1p8
    guard ratios.contains(aRatio), ratios.contains(bRatio) else { return nil }
    let shift = 20 - Int32(max(aRatio, bRatio).exponent)
    let unit = Float(sign: .plus, exponent: Int(shift), significand: 1)
    let aMultiplier = Int32((aRatio * unit).rounded(.toNearestOrEven))
    let bMultiplier = Int32((bRatio * unit).rounded(.toNearestOrEven)) * (subtract ? -1 : 1)
    return swl_q8_sum_params(
      a: aMultiplier, b: bMultiplier, bias: (1 << (shift - 1)) - aMultiplier * a.zeroPoint - bMultiplier * b.zeroPoint,
      shift: shift, output_offset: output.zeroPoint, minimum: range.lowerBound, maximum: range.upperBound)
  }

  /// MUL on 8 bits as XNNPACK computes it, in float32: at most one unit from the reference kernel, which rounds twice.
  /// `nil` for ratios of scales beyond 2^-16..<2^8.
  private static func product8(
    _ a: TensorQuantization, _ b: TensorQuantization, _ output: TensorQuantization, _ range: ClosedRange<Int32>
  ) -> swl_q8_product_params? {
    let ratio = a.scale * b.scale / output.scale
    guard ratio >= 0x1p-16, ratio < 0x1p8 else { return nil }
    return swl_q8_product_params(
      a_offset: -a.zeroPoint, b_offset: -b.zeroPoint, output_offset: output.zeroPoint, ratio: ratio,
      minimum: Float(range.lowerBound - output.zeroPoint), maximum: Float(range.upperBound - output.zeroPoint))
  }

  /// SQUARED_DIFFERENCE of int8 and int16 in float64, as near to the real number as the output can be.
  private static func squaredDifference(
    _ a: TensorQuantization, _ b: TensorQuantization, _ output: TensorQuantization, _ range: ClosedRange<Int32>
  ) -> swl_squared_difference_params {
    let root = Double(output.scale).squareRoot()
    return swl_squared_difference_params(
      a_offset: -a.zeroPoint, b_offset: -b.zeroPoint, output_offset: output.zeroPoint, a: Double(a.scale) / root,
      b: Double(b.scale) / root, minimum: Double(range.lowerBound - output.zeroPoint),
      maximum: Double(range.upperBound - output.zeroPoint))
  }

  /// For scales that are powers of two, of which the output has that of one operand and the other's is smaller; `nil` for
  /// all others.
  private static func shiftedSum(
    _ a: TensorQuantization, _ b: TensorQuantization, _ output: TensorQuantization, _ range: ClosedRange<Int32>,
    subtract: Bool
  ) -> swl_i16_shifted_sum_params? {
    guard a.scale.significand == 1, b.scale.significand == 1, output.scale.significand == 1 else { return nil }
    let (aShift, bShift) = (output.scale.exponent - a.scale.exponent, output.scale.exponent - b.scale.exponent)
    guard min(aShift, bShift) == 0, max(aShift, bShift) <= 31 else { return nil }
    return swl_i16_shifted_sum_params(
      a_shift: Int32(aShift), b_shift: Int32(bShift), subtract: subtract, minimum: range.lowerBound,
      maximum: range.upperBound)
  }

  /// Both operands are brought to twice the larger scale with `shift` bits of fraction, so that neither overflows.
  private static func sum(
    _ node: Node, _ a: TensorQuantization, _ b: TensorQuantization, _ output: TensorQuantization,
    _ range: ClosedRange<Int32>, _ shift: Int32, subtract: Bool
  ) throws(PrepareError) -> swl_quantized_add_params {
    let common = 2 * Double(max(a.scale, b.scale))
    let unit = 1 / Double(1 << shift)
    return swl_quantized_add_params(
      a_offset: -a.zeroPoint, b_offset: -b.zeroPoint, output_offset: output.zeroPoint, left_shift: shift,
      a: try node.fixedPoint(Double(a.scale) / common).c, b: try node.fixedPoint(Double(b.scale) / common).c,
      output: try node.fixedPoint(common * unit / Double(output.scale)).c, subtract: subtract,
      minimum: range.lowerBound,
      maximum: range.upperBound)
  }
}
