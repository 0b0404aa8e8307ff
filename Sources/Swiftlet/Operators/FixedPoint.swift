package import CKernels

/// A real number as quantized operators multiply by it: `multiplier * 2^(shift - 31)` with a 32-bit multiplier.
///
/// The arithmetic is that of gemmlowp and of TensorFlow Lite's `QuantizeMultiplier`; where those overflow, this saturates.
package struct QuantizedMultiplier: Equatable, Sendable, BitwiseCopyable {
  /// 0, or a magnitude of 2^30 to 2^31 - 1.
  package let multiplier: Int32
  /// -31...30.
  package let shift: Int32

  /// The nearest multiplier to `value`; values of 2^30 and more become the largest one, values under 2^-32 become 0.
  /// `nil` for an infinite value and NaN.
  package init?(_ value: Double) {
    guard value.isFinite else { return nil }
    guard value != 0 else {
      (multiplier, shift) = (0, 0)
      return
    }
    let fraction = value.significand / 2  // in 1/2..<1, as frexp gives it
    var exponent = Int(value.exponent) + 1
    var fixed = Int64(fraction * 0x1p31 + 0.5)  // the sum is exact
    if fixed == 1 << 31 {
      fixed = 1 << 30
      exponent += 1
    }
    if exponent < -31 { (fixed, exponent) = (0, 0) }
    if exponent > 30 { (fixed, exponent) = (Int64(Int32.max), 30) }
    multiplier = Int32(value < 0 ? -fixed : fixed)
    shift = Int32(exponent)
  }

  /// The form in which kernels take it.
  package var c: swl_multiplier { swl_multiplier(multiplier: multiplier, shift: shift) }

  /// `x` times this, rounded after the multiplication and again after the right shift: what most reference kernels do.
  package func doubleRounding(_ x: Int32) -> Int32 { swl_multiply_double_rounding(x, c) }

  /// `x` times this, rounded once to nearest, ties upwards.
  package func singleRounding(_ x: Int32) -> Int32 { swl_multiply_single_rounding(x, c) }

  /// `x`, in -2^47..<2^47, times this with the multiplier cut to 16 bits: what kernels with 64-bit accumulators do.
  /// `self` is not negative and `shift` at most 7.
  package func wide(_ x: Int64) -> Int32 { swl_multiply_wide(x, c) }
}

/// gemmlowp's primitives.
package enum FixedPoint {
  /// `a * b / 2^31` rounded to nearest, ties upwards; saturated.
  package static func doublingHighMul(_ a: Int32, _ b: Int32) -> Int32 { swl_doubling_high_mul(a, b) }

  /// `x / 2^exponent` rounded to nearest, ties away from zero; `exponent` is in 0...31.
  package static func roundingDivideByPOT(_ x: Int32, _ exponent: Int32) -> Int32 {
    swl_rounding_divide_by_pot(x, exponent)
  }

  /// `x * 2^shift`, saturated; `shift` is in 0...31.
  package static func saturatingShiftLeft(_ x: Int32, _ shift: Int32) -> Int32 { swl_saturating_shift_left(x, shift) }
}
