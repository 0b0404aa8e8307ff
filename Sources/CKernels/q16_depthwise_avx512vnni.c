#if defined(__x86_64__)
#include "q8_kernels.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define OPERATION static inline __attribute__((always_inline)) TARGET
#define TAPS 2
#define WIDE 1
#define SHORT 1
#define HOLD_COLUMNS 1

// The same operations at each width; Intel's names differ in their prefix only.
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
  OPERATION VECTOR dot_##BITS(VECTOR sum, VECTOR a, VECTOR w) { return OF(dpwssd_epi32)(sum, a, w); }                  \
  OPERATION void interleave_words_##BITS(VECTOR row0, VECTOR row1, VECTOR column[2]) {                                 \
    column[0] = OF(unpacklo_epi16)(row0, row1);                                                                        \
    column[1] = OF(unpackhi_epi16)(row0, row1);                                                                        \
  }                                                                                                                    \
  OPERATION VECTOR words_##BITS(VECTOR a, VECTOR b, const uint8_t *scale, const uint8_t *bias,                         \
                                const swl_q8_output *q) {                                                              \
    VECTOR words =                                                                                                     \
        OF(packs_epi32)(integers_##BITS(a, scale, bias), integers_##BITS(b, scale + BITS / 4, bias + BITS / 4));       \
    words = OF(max_epi16)(words, OF(set1_epi16)((int16_t)q->minimum));                                                 \
    return OF(min_epi16)(words, OF(set1_epi16)((int16_t)q->maximum));                                                  \
  }                                                                                                                    \
  OPERATION VECTOR short_integers_##BITS(VECTOR sum, const uint8_t *scale, size_t chunk) {                             \
    const VECTOR multiplier = load_##BITS(scale), shift = load_##BITS(scale + 4 * chunk), one = splat_##BITS(1);       \
    const VECTOR half = OF(sllv_epi32)(one, OF(sub_epi32)(shift, one));                                                \
    const VECTOR high = OF(madd_epi16)(OF(srli_epi32)(sum, 16), multiplier);                                           \
    const VECTOR low = OF(mulhi_epu16)(sum, multiplier);                                                               \
    return OF(srav_epi32)(OF(add_epi32)(OF(add_epi32)(high, low), half), shift);                                       \
  }                                                                                                                    \
  OPERATION VECTOR short_words_##BITS(VECTOR a, VECTOR b, const uint8_t *scale, size_t chunk,                          \
                                      const swl_q8_output *q) {                                                        \
    VECTOR words =                                                                                                     \
        OF(packs_epi32)(short_integers_##BITS(a, scale, chunk), short_integers_##BITS(b, scale + BITS / 8, chunk));    \
    words = OF(max_epi16)(words, OF(set1_epi16)((int16_t)q->minimum));                                                 \
    return OF(min_epi16)(words, OF(set1_epi16)((int16_t)q->maximum));                                                  \
  }

// Sums and their biases times scales, rounded to nearest with ties upwards; what exceeds int32 is limited upwards,
// downwards the conversion yields its minimum.
OPERATION __m256i integers_256(__m256i sum, const uint8_t *scale, const uint8_t *bias) {
  const __m512d whole = _mm512_add_pd(_mm512_cvtepi32_pd(sum), _mm512_loadu_pd(bias));
  const __m512d moved = _mm512_add_pd(_mm512_mul_pd(whole, _mm512_loadu_pd(scale)), _mm512_set1_pd(0.5));
  return _mm512_cvt_roundpd_epi32(_mm512_min_pd(moved, _mm512_set1_pd(65536)),
                                  _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}
OPERATION __m512i integers_512(__m512i sum, const uint8_t *scale, const uint8_t *bias) {
  const __m256i low = integers_256(_mm512_castsi512_si256(sum), scale, bias);
  const __m256i high = integers_256(_mm512_extracti64x4_epi64(sum, 1), scale + 64, bias + 64);
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

#include "q8_depthwise_512.h"

const swl_q8_depthwise swl_q16_depthwise__avx512vnni = {
    .taps = TAPS,
    .short_scales = true,
    .chunk = 64,
    .least_chunk = 32,
    .run_chunk = run_chunk,
};
#endif
