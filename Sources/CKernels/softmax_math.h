// exp and log with the same bits on every machine: only IEEE additions, multiplications and integer operations, none
// of them contracted. Written so that a loop over them vectorises.
#ifndef SOFTMAX_MATH_H
#define SOFTMAX_MATH_H

#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

static inline float softmax_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// exp(x) to within 1.5 units in the last place; 0 below -87.3, NaN stays. `x` is at most 88.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2, ln 2 split in two so that n ln 2 is exact to 40 bits; exp(r) by the Taylor
/// polynomial of degree 7.
static inline float softmax_exp(float x) {
  const float rounder = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer
  const float shifted = x * 1.44269504f + rounder;
  const float n = shifted - rounder;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.98412698e-4f;
  p = p * r + 1.38888889e-3f;
  p = p * r + 8.33333333e-3f;
  p = p * r + 4.16666667e-2f;
  p = p * r + 1.66666667e-1f;
  p = p * r + 0.5f;
  p = (p * r) * r + r + 1.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  // The low bits of `shifted` are n; 127 is the exponent's bias.
  const float power = softmax_bits((bits + 127u) << 23);
  const float result = p * power;
  return x < -87.3f ? 0.0f : result;
}

#endif
