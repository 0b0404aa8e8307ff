// Logistic function and hyperbolic tangent on 16-bit fixed-point numbers, bit for bit those of gemmlowp's fixedpoint
// library: the specification of lstm_squash.inc.
#ifndef LSTM_FIXED_POINT_H
#define LSTM_FIXED_POINT_H

#include "reduce_square_root.h"

/// a * b / 2^15 rounded to nearest, ties upwards; a and b are not both -2^15.
static inline __attribute__((always_inline)) int16_t q15_multiply(int16_t a, int16_t b) {
  return (int16_t)((((int32_t)a * b >> 14) + 1) >> 1);
}

/// x / 2^exponent rounded to nearest, ties away from zero.
static inline __attribute__((always_inline)) int16_t q15_halve(int16_t x, int exponent) {
  const int16_t mask = (int16_t)((1 << exponent) - 1), threshold = (int16_t)((mask >> 1) + (x < 0));
  return (int16_t)((x >> exponent) + ((x & mask) > threshold));
}

/// x * 2^exponent, saturated.
static inline __attribute__((always_inline)) int16_t q15_double(int16_t x, int exponent) {
  const int16_t limit = (int16_t)((1 << (15 - exponent)) - 1);
  const int16_t shifted = (int16_t)(uint16_t)((uint16_t)x << exponent);
  return x > limit ? INT16_MAX : x < -limit ? INT16_MIN : shifted;
}

static inline __attribute__((always_inline)) int16_t q15_add(int16_t a, int16_t b) {
  return (int16_t)(uint16_t)((uint16_t)a + (uint16_t)b);
}

/// A constant with 31 fractional bits cut to 15.
#define Q15(x) ((int16_t)(((x) + ((x) < 0 ? -32768 : 32768)) / 65536))

/// exp(-2^k) by k, for every bit that a remainder can have.
#define Q15_POWERS                                                                                                     \
  Q15_STEP(-2, 1672461947)                                                                                             \
  Q15_STEP(-1, 1302514674)                                                                                             \
  Q15_STEP(0, 790015084)                                                                                               \
  Q15_STEP(1, 290630308)                                                                                               \
  Q15_STEP(2, 39332535)                                                                                                \
  Q15_STEP(3, 720401)                                                                                                  \
  Q15_STEP(4, 242)

/// exp(a) for a <= 0 with `integer_bits`, at most 7; the result has none.
static inline __attribute__((always_inline)) int16_t q15_exp_negative(int16_t a, int integer_bits) {
  const int fraction_bits = 15 - integer_bits;
  const int16_t quarter = (int16_t)(1 << (fraction_bits - 2));
  const int16_t fraction = (int16_t)((a & (quarter - 1)) - quarter);
  const int16_t remainder = (int16_t)(fraction - a);
  // A Taylor series around -1/8 on -1/4..<0.
  const int16_t x = (int16_t)((fraction * (1 << integer_bits)) + (1 << 12));
  const int16_t x2 = q15_multiply(x, x), x3 = q15_multiply(x2, x), x4 = q15_multiply(x2, x2);
  const int16_t cubic = q15_multiply(q15_add(q15_halve(x4, 2), x3), Q15(715827883));
  const int16_t tail = q15_halve(q15_add(cubic, x2), 1);
  const int16_t constant = Q15(1895147668);
  const int32_t sum = constant + q15_multiply(constant, q15_add(x, tail));
  int16_t result = (int16_t)(sum > INT16_MAX ? INT16_MAX : sum);
  // Times exp(-2^k) for every bit of the remainder, k = -2...integer_bits - 1.
#define Q15_STEP(k, power)                                                                                             \
  if (integer_bits > k)                                                                                                \
    result = remainder & (1 << (fraction_bits + k)) ? q15_multiply(result, Q15(power)) : result;
  Q15_POWERS
#undef Q15_STEP
  if (integer_bits > 5)
    result = a < -(1 << (fraction_bits + 5)) ? 0 : result;
  return a == 0 ? INT16_MAX : result;
}

/// Newton and Raphson's x with x * (1 + a) / 2 = 1, with two integer bits.
static inline __attribute__((always_inline)) int16_t q15_double_reciprocal(int16_t a) {
  const int16_t half_denominator = (int16_t)((a + 32768) >> 1);
  int16_t x = (int16_t)(Q15(1515870810) + q15_multiply(half_denominator, Q15(-1010580540)));
  for (int i = 0; i < 3; i++) {
    const int16_t error = (int16_t)((1 << 13) - q15_multiply(half_denominator, x));
    x = q15_add(x, q15_double(q15_multiply(x, error), 2));
  }
  return x;
}

/// 1 / (1 + e^-a), `a` with 3 integer bits.
static inline __attribute__((always_inline)) int16_t q15_logistic(int16_t a) {
  const int16_t negative = (int16_t)(a > 0 ? -a : a);
  const int16_t result = q15_double(q15_double_reciprocal(q15_exp_negative(negative, 3)), 1);
  const int16_t signed_result = a > 0 ? result : (int16_t)(INT16_MAX - result);
  return a == 0 ? Q15(1 << 30) : signed_result;
}

/// tanh(a), `a` with `integer_bits`, at most 6.
static inline __attribute__((always_inline)) int16_t q15_tanh(int16_t a, int integer_bits) {
  const int16_t negative = (int16_t)(a > 0 ? -a : a);
  const int16_t reciprocal = q15_double_reciprocal(q15_exp_negative(negative, integer_bits + 1));
  const int16_t result = q15_double((int16_t)(reciprocal - (1 << 13)), 2);
  const int16_t signed_result = (int16_t)(a < 0 ? -result : result);
  return a == 0 ? 0 : signed_result;
}

#endif
