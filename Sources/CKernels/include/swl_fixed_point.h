// Integer arithmetic of quantized operators: multiplication by a real number given as a fixed-point multiplier.
//
// The rounding is that of gemmlowp's fixed-point functions, which the reference kernels of TensorFlow Lite are defined
// by. Where those leave a result undefined (overflow of a left shift or of the sum), these functions saturate.
#ifndef SWL_FIXED_POINT_H
#define SWL_FIXED_POINT_H

#include <stdint.h>

/// The real number `multiplier * 2^(shift - 31)`. `multiplier` is 0 or has a magnitude of 2^30 to 2^31 - 1; `shift` is
/// in -31...30.
typedef struct swl_multiplier {
  int32_t multiplier;
  int32_t shift;
} swl_multiplier;

static inline int32_t swl_saturate_i32(int64_t x) {
  return x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : (int32_t)x;
}

static inline int32_t swl_clamp_i32(int32_t x, int32_t low, int32_t high) {
  return x < low ? low : x > high ? high : x;
}

/// `x + offset`, saturated.
static inline int32_t swl_add_offset(int32_t x, int32_t offset) {
  return swl_saturate_i32((int64_t)x + (int64_t)offset);
}

/// `a * b / 2^31` rounded to nearest, ties upwards; saturated for INT32_MIN * INT32_MIN, the only overflow.
static inline int32_t swl_doubling_high_mul(int32_t a, int32_t b) {
  return swl_saturate_i32(((int64_t)a * (int64_t)b + ((int64_t)1 << 30)) >> 31);
}

/// `x / 2^exponent` rounded to nearest, ties away from zero; `exponent` is in 0...31.
static inline int32_t swl_rounding_divide_by_pot(int32_t x, int32_t exponent) {
  const int64_t mask = ((int64_t)1 << exponent) - 1;
  const int64_t remainder = (int64_t)x & mask;
  const int64_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (int32_t)((int64_t)x >> exponent) + (remainder > threshold ? 1 : 0);
}

/// `x * 2^shift`, saturated; `shift` is in 0...31.
static inline int32_t swl_saturating_shift_left(int32_t x, int32_t shift) {
  return swl_saturate_i32((int64_t)x * ((int64_t)1 << shift));
}

/// `x * m`, rounded twice: after the multiplication and after the right shift. What most reference kernels do.
static inline int32_t swl_multiply_double_rounding(int32_t x, swl_multiplier m) {
  const int32_t left = m.shift > 0 ? m.shift : 0;
  const int32_t right = m.shift > 0 ? 0 : -m.shift;
  return swl_rounding_divide_by_pot(swl_doubling_high_mul(swl_saturating_shift_left(x, left), m.multiplier), right);
}

/// `x * m`, rounded once to nearest, ties upwards, and saturated.
static inline int32_t swl_multiply_single_rounding(int32_t x, swl_multiplier m) {
  const int32_t total = 31 - m.shift;
  return swl_saturate_i32(((int64_t)x * (int64_t)m.multiplier + ((int64_t)1 << (total - 1))) >> total);
}

/// `x * m` with the multiplier reduced to 16 bits, for 64-bit accumulators; `x` is in -2^47..<2^47, `m` is not negative
/// and `m.shift` at most 7. Rounded once, ties upwards, and saturated.
static inline int32_t swl_multiply_wide(int64_t x, swl_multiplier m) {
  const int32_t reduced = m.multiplier < 0x7FFF0000 ? (m.multiplier + (1 << 15)) >> 16 : 0x7FFF;
  const int32_t total = 15 - m.shift;
  return swl_saturate_i32((x * (int64_t)reduced + ((int64_t)1 << (total - 1))) >> total);
}

#endif
