// IEEE half precision to single precision in integers, exactly.
#ifndef F32_HALF_H
#define F32_HALF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline float swl_f16_widen(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000u) << 16, exponent = (half >> 10) & 31u, fraction = half & 0x3ffu, bits;
  if (exponent == 31)
    bits = 0x7f800000u | fraction << 13 | (fraction ? 0x400000u : 0);
  else if (exponent)
    bits = (exponent + 112) << 23 | fraction << 13;
  else if (fraction) {
    // A subnormal half is fraction * 2^-24: move its leading one to bit 10 and count the steps.
    uint32_t shift = (uint32_t)__builtin_clz(fraction) - 21;
    bits = (113 - shift) << 23 | ((fraction << shift) & 0x3ffu) << 13;
  } else
    bits = 0;
  bits |= sign;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// Elements `begin` up to `end`; the input may stand at an odd address.
static inline void swl_f16_to_f32_from(const void *input, float *output, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    uint16_t half;
    memcpy(&half, (const unsigned char *)input + i * sizeof half, sizeof half);
    output[i] = swl_f16_widen(half);
  }
}

#endif
