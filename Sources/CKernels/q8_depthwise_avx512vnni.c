#if defined(__x86_64__)
#include "q8_kernels.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define OPERATION static inline __attribute__((always_inline)) TARGET
#define TAPS 4
#define WIDE 0
#define HOLD_COLUMNS 1

// The same operations at each width; Intel's names differ in their prefix only. Saturating packs make the bounds of the
// type. The float minimum limits what would exceed int32 upwards; downwards the conversion yields its minimum.
#define OPERATIONS(BITS, BYTES, VECTOR, OF)                                                                            \
  OPERATION VECTOR load_##BITS(const void *p) { return OF(loadu_epi8)(p); }                                            \
  OPERATION VECTOR load_some_##BITS(const void *p, size_t count) {                                                     \
    return OF(maskz_loadu_epi8)((__mmask##BYTES)(((uint64_t)1 << count) - 1), p);                                      \
  }                                                                                                                    \
  OPERATION void store_some_##BITS(void *p, VECTOR v, size_t count) {                                                  \
    OF(mask_storeu_epi8)(p, (__mmask##BYTES)(((uint64_t)1 << count) - 1), v);                                          \
  }                                                                                                                    \
  OPERATION void store_##BITS(void *p, VECTOR v) { OF(storeu_epi8)(p, v); }                                            \
  OPERATION VECTOR splat_##BITS(int32_t value) { return OF(set1_epi32)(value); }                                       \
  OPERATION VECTOR xor_##BITS(VECTOR a, VECTOR b) { return OF(xor_epi32)(a, b); }                                      \
  OPERATION VECTOR dot_##BITS(VECTOR sum, VECTOR a, VECTOR w) { return OF(dpbusd_epi32)(sum, a, w); }                  \
  OPERATION void interleave_##BITS(const VECTOR rows[4], VECTOR column[4]) {                                           \
    const VECTOR low01 = OF(unpacklo_epi8)(rows[0], rows[1]), high01 = OF(unpackhi_epi8)(rows[0], rows[1]);            \
    const VECTOR low23 = OF(unpacklo_epi8)(rows[2], rows[3]), high23 = OF(unpackhi_epi8)(rows[2], rows[3]);            \
    column[0] = OF(unpacklo_epi16)(low01, low23);                                                                      \
    column[1] = OF(unpackhi_epi16)(low01, low23);                                                                      \
    column[2] = OF(unpacklo_epi16)(high01, high23);                                                                    \
    column[3] = OF(unpackhi_epi16)(high01, high23);                                                                    \
  }                                                                                                                    \
  OPERATION VECTOR integers_##BITS(VECTOR sum, const uint8_t *scale, const swl_q8_output *q) {                         \
    __typeof__(OF(setzero_ps)()) product = OF(mul_ps)(OF(cvtepi32_ps)(sum), OF(loadu_ps)((const void *)scale));        \
    if (q->may_overflow)                                                                                               \
      product = OF(min_ps)(product, OF(set1_ps)((float)(q->maximum - q->zero_point)));                                 \
    return OF(cvtps_epi32)(product);                                                                                   \
  }                                                                                                                    \
  OPERATION VECTOR narrow_##BITS(const VECTOR sums[4], const uint8_t *scale, const swl_q8_output *q) {                 \
    const VECTOR zero_point = OF(set1_epi16)((int16_t)q->zero_point);                                                  \
    const VECTOR a = integers_##BITS(sums[0], scale, q), b = integers_##BITS(sums[1], scale + BITS / 8, q);            \
    const VECTOR c = integers_##BITS(sums[2], scale + BITS / 4, q);                                                    \
    const VECTOR d = integers_##BITS(sums[3], scale + BITS / 8 * 3, q);                                                \
    const VECTOR ab = OF(adds_epi16)(OF(packs_epi32)(a, b), zero_point);                                               \
    const VECTOR cd = OF(adds_epi16)(OF(packs_epi32)(c, d), zero_point);                                               \
    VECTOR result = OF(packs_epi16)(ab, cd);                                                                           \
    result = OF(max_epi8)(result, OF(set1_epi8)((char)q->minimum));                                                    \
    result = OF(min_epi8)(result, OF(set1_epi8)((char)q->maximum));                                                    \
    return OF(xor_epi32)(result, OF(set1_epi8)((char)q->flip));                                                        \
  }

#include "q8_depthwise_512.h"

const swl_q8_depthwise swl_q8_depthwise__avx512vnni = {
    .taps = TAPS,
    .unsigned_activations = true,
    .chunk = 64,
    .least_chunk = 32,
    .run_chunk = run_chunk,
};
#endif
