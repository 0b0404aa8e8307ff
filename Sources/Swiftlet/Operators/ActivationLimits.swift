import ModelFormat

/// What a fused activation allows: every result is limited to `minimum...maximum`.
package struct ActivationLimits: Equatable, Sendable, BitwiseCopyable {
  package let minimum, maximum: Float

  /// The limits of `ActivationFunctionType` number `code`. TANH and SIGN_BIT are not limits and are refused, as
  /// TensorFlow Lite's kernels refuse them.
  package init(_ code: Int) throws(PrepareError) {
    switch code {
    case 0: (minimum, maximum) = (-.infinity, .infinity)
    case 1: (minimum, maximum) = (0, .infinity)
    case 2: (minimum, maximum) = (-1, 1)
    case 3: (minimum, maximum) = (0, 6)
    default:
      throw PrepareError(.optionUnsupported, field: "fused_activation_function", found: .int(code))
    }
  }

  /// The limits as stored numbers of an output with these parameters, within `lowest...highest` of its type:
  /// `zeroPoint + roundHalfAwayFromZero(bound / scale)`, after TensorFlow Lite's `CalculateActivationRangeQuantized`.
  package func quantized(scale: Float, zeroPoint: Int32, lowest: Int32, highest: Int32) -> ClosedRange<Int32> {
    quantized(scale: scale, zeroPoint: zeroPoint, lowest: lowest, highest: highest, rounding: .toNearestOrAwayFromZero)
  }

  /// The same with ties to even, as XNNPACK rounds the limits of convolutions.
  package func quantizedToEven(scale: Float, zeroPoint: Int32, lowest: Int32, highest: Int32) -> ClosedRange<Int32> {
    quantized(scale: scale, zeroPoint: zeroPoint, lowest: lowest, highest: highest, rounding: .toNearestOrEven)
  }

  private func quantized(
    scale: Float, zeroPoint: Int32, lowest: Int32, highest: Int32, rounding: FloatingPointRoundingRule
  ) -> ClosedRange<Int32> {
    func stored(_ bound: Float) -> Int32 {
      guard bound.isFinite else { return bound < 0 ? lowest : highest }
      let value = (bound / scale).rounded(rounding) + Float(zeroPoint)
      return value <= Float(lowest) ? lowest : value >= Float(highest) ? highest : Int32(value)
    }
    let low = stored(minimum)
    return low...max(low, stored(maximum))
  }
}
