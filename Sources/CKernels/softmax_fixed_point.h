// exp, 1/(1+x) and friends on fixed-point numbers, bit for bit those of gemmlowp's fixedpoint library, which the
// reference kernels of TensorFlow Lite are defined by. A number with m integer bits stands for raw * 2^(m - 31).
#ifndef SOFTMAX_FIXED_POINT_H
#define SOFTMAX_FIXED_POINT_H

#include "swl_fixed_point.h"

/// exp(a) with 0 integer bits, for `a` in -1/4..<0 with 0 integer bits: a Taylor series around -1/8.
static inline int32_t swl_exp_quarter(int32_t a) {
  const int32_t x = a + (1 << 28);
  const int32_t x2 = swl_doubling_high_mul(x, x);
  const int32_t x3 = swl_doubling_high_mul(x2, x);
  const int32_t x4 = swl_doubling_high_mul(x2, x2);
  const int32_t cubic = swl_doubling_high_mul(swl_rounding_divide_by_pot(x4, 2) + x3, 715827883); // times 1/3
  const int32_t tail = swl_rounding_divide_by_pot(cubic + x2, 1);
  const int32_t exp_minus_eighth = 1895147668;
  return exp_minus_eighth + swl_doubling_high_mul(exp_minus_eighth, x + tail);
}

/// exp(a) with 0 integer bits, for `a` <= 0 with 5 integer bits: -32 to 0.
static inline int32_t swl_exp_negative_q5(int32_t a) {
  if (a == 0)
    return INT32_MAX;
  // exp(-2^k) for k = -2...4 with 0 integer bits.
  static const int32_t powers[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  const int32_t quarter = 1 << 24;
  const int32_t fraction = (a & (quarter - 1)) - quarter;
  const int32_t remainder = fraction - a;
  int32_t result = swl_exp_quarter(fraction * 32);
  for (int k = 0; k < 7; k++)
    if (remainder & (1 << (24 + k)))
      result = swl_doubling_high_mul(result, powers[k]);
  return result;
}

/// 1 / (1 + a) with 0 integer bits, for `a` in 0...1 with 0 integer bits: three steps of Newton and Raphson.
static inline int32_t swl_one_over_one_plus(int32_t a) {
  const int32_t half_denominator = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
  // Two integer bits from here: 48/17, -32/17 and 1.
  int32_t x = 1515870810 + swl_doubling_high_mul(half_denominator, -1010580540);
  for (int i = 0; i < 3; i++) {
    const int32_t error = (1 << 29) - swl_doubling_high_mul(half_denominator, x);
    x += swl_saturating_shift_left(swl_doubling_high_mul(x, error), 2);
  }
  return swl_saturating_shift_left(x, 1);
}

#endif
