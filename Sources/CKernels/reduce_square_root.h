// 1 / sqrt(x) in fixed point, bit for bit that of TensorFlow Lite's quantization utilities.
#ifndef REDUCE_SQUARE_ROOT_H
#define REDUCE_SQUARE_ROOT_H

#include "swl_fixed_point.h"

/// 1 / sqrt(value) for value >= 1 as a multiplier. Source: TensorFlow Lite's GetInvSqrtQuantizedMultiplierExp.
static inline swl_multiplier swl_inverse_square_root(int32_t value) {
  if (value <= 1)
    return (swl_multiplier){.multiplier = INT32_MAX, .shift = 0};
  int32_t shift = 11;
  while (value >= 1 << 29) {
    value /= 4;
    shift++;
  }
  const int32_t pairs = (__builtin_clz((uint32_t)value) - 1) / 2 - 1;
  shift -= pairs;
  value <<= 2 * pairs;
  // Newton's method with three integer bits: x = 3/2 x - value/2 x^3.
  const int32_t half = swl_rounding_divide_by_pot(value >> 1, 1), three_halves = (1 << 28) + (1 << 27);
  int32_t x = 1 << 28;
  for (int i = 0; i < 5; i++) {
    const int32_t cube = swl_saturating_shift_left(swl_doubling_high_mul(swl_doubling_high_mul(x, x), x), 6);
    x = swl_saturating_shift_left(swl_doubling_high_mul(three_halves, x) - swl_doubling_high_mul(half, cube), 3);
  }
  x = swl_doubling_high_mul(x, 1518500250); // sqrt(2) / 2
  if (shift < 0) {
    x = swl_saturating_shift_left(x, -shift);
    shift = 0;
  }
  return (swl_multiplier){.multiplier = x, .shift = -shift};
}

#endif
