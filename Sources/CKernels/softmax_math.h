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
/// x = n ln 2 + r with |r| <= ln 2 / 2, ln 2 split in two so that n ln 2 is exact to 40 bits; exp(r) by a polynomial of
/// degree 6 fitted within 1e-8.
static inline float softmax_exp(float x) {
  // Adding 1.5 * 2^23 rounds to an integer; 127 is the bias of the exponent that the low bits of `shifted` are.
  const float rounder = 12582912.0f + 127.0f;
  const float shifted = x * 1.44269504f + rounder;
  const float n = shifted - rounder;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.3934544986e-3f;
  p = p * r + 8.363776840e-3f;
  p = p * r + 4.166645557e-2f;
  p = p * r + 1.6666573286e-1f;
  p = p * r + 0.5f;
  p = (p * (r * r) + r) + 1.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  const float result = p * softmax_bits(bits << 23);
  return x < -87.3f ? 0.0f : result;
}

#endif
