// QUANTIZE of quantize.c on AVX512, where quotients by multiplication are faster than the divider.
#ifndef QUANTIZE_AVX512_H
#define QUANTIZE_AVX512_H

#include "swl_unary.h"

#pragma STDC FP_CONTRACT OFF

/// Whether no step of the loops below overflows, and underflows only where the result is 0.
static inline bool quotients_are_exact(float scale) { return scale >= 0x1p-100f && scale <= 0x1p100f; }

/// The correctly rounded quotient: two corrections by the exact remainder make up for the rounding of `inverse`
/// (Markstein, Computation of elementary functions on the IBM RISC System/6000 processor, 1990). Limiting first
/// keeps infinities out; NaN gives `low`. To round halves away from 0, the number below a half is added.
#define QUANTIZE_TO(name, T)                                                                                           \
  static __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))) void name##__avx512(                   \
      swl_quantize_params p, const float *input, void *ov, size_t count) {                                             \
    T *output = ov;                                                                                                    \
    const float scale = p.scale, inverse = 1 / scale;                                                                  \
    const float low = (float)(p.minimum - p.zero_point) * scale, high = (float)(p.maximum - p.zero_point) * scale;     \
    _Pragma("clang loop vectorize(assume_safety) interleave_count(1)") for (size_t i = 0; i < count; i++) {            \
      const float raised = input[i] > low ? input[i] : low, x = raised < high ? raised : high;                         \
      const float first = x * inverse;                                                                                 \
      const float second = __builtin_fmaf(__builtin_fmaf(-first, scale, x), inverse, first);                           \
      const float quotient = __builtin_fmaf(__builtin_fmaf(-second, scale, x), inverse, second);                       \
      const int32_t whole = (int32_t)(quotient + __builtin_copysignf(0x1.fffffep-2f, quotient));                       \
      output[i] = (T)(whole + p.zero_point);                                                                           \
    }                                                                                                                  \
  }
QUANTIZE_TO(quantize_8, uint8_t)
QUANTIZE_TO(quantize_16, uint16_t)
#undef QUANTIZE_TO

#endif
