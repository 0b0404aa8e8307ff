import ModelFormat

/// What a fused activation allows: every result is limited to `minimum...maximum`.
package struct ActivationLimits: Equatable, Sendable, BitwiseCopyable {
  package let minimum, maximum: Float

  /// Every number is allowed.
  static let none = ActivationLimits()

  private init() { (minimum, maximum) = (-.infinity, .infinity) }

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

  /// What built-in operator `code` allows; `nil` for those that do more than limit.
  init?(of code: Int) {
    switch code {
    case 19: (minimum, maximum) = (0, .infinity)
    case 20: (minimum, maximum) = (-1, 1)
    case 21: (minimum, maximum) = (0, 6)
    case 152: (minimum, maximum) = (0, 1)
    default: return nil
    }
  }

  /// The limits as stored numbers of an output with these parameters, within `lowest...highest` of its type:
  /// `zeroPoint + roundHalfAwayFromZero(bound / scale)`, after TensorFlow Lite's `CalculateActivationRangeQuantized`.
  package func quantized(scale: Float, zeroPoint: Int32, lowest: Int32, highest: Int32) -> ClosedRange<Int32> {
    range(lowest, highest) { bound in (bound / scale).rounded(.toNearestOrAwayFromZero) + Float(zeroPoint) }
  }

  /// The same as XNNPACK finds the limits of its convolutions: `roundHalfToEven(bound / scale + zeroPoint)`.
  package func quantizedToEven(scale: Float, zeroPoint: Int32, lowest: Int32, highest: Int32) -> ClosedRange<Int32> {
    range(lowest, highest) { bound in (bound / scale + Float(zeroPoint)).rounded(.toNearestOrEven) }
  }

  private func range(_ lowest: Int32, _ highest: Int32, stored: (Float) -> Float) -> ClosedRange<Int32> {
    func limited(_ bound: Float) -> Int32 {
      guard bound.isFinite else { return bound < 0 ? lowest : highest }
      let value = stored(bound)
      return value <= Float(lowest) ? lowest : value >= Float(highest) ? highest : Int32(value)
    }
    let low = limited(minimum)
    return low...max(low, limited(maximum))
  }
}
