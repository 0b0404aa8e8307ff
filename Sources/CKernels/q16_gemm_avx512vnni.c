// int16 activations with int8 weights, two products to a lane of 32 bits.
#if defined(__x86_64__)
#include "q8_kernels.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define LANES 16
#define ROWS 12
#define WIDE 1
#define FLIPPING 0

typedef __m512i vector;

#define VECTOR_FUNCTION static inline __attribute__((always_inline)) TARGET

VECTOR_FUNCTION vector v_load(const void *p) { return _mm512_loadu_si512(p); }
VECTOR_FUNCTION void v_store(void *p, vector v) { _mm512_storeu_si512(p, v); }
VECTOR_FUNCTION vector v_splat(int32_t value) { return _mm512_set1_epi32(value); }
VECTOR_FUNCTION vector v_hidden(vector a) { return a; }
VECTOR_FUNCTION vector v_xor(vector a, vector b) { return _mm512_xor_si512(a, b); }
VECTOR_FUNCTION vector v_add(vector a, vector b) { return _mm512_add_epi32(a, b); }
VECTOR_FUNCTION vector v_dot(vector sum, vector a, vector w) { return _mm512_dpwssd_epi32(sum, a, w); }

/// Eight sums and their biases times scales, rounded to nearest with ties upwards; what exceeds int32 is limited
/// upwards, downwards the conversion yields its minimum.
VECTOR_FUNCTION __m256i rounded(__m256i sum, const uint8_t *scale, const uint8_t *bias) {
  const __m512d whole = _mm512_add_pd(_mm512_cvtepi32_pd(sum), _mm512_loadu_pd(bias));
  const __m512d product = _mm512_mul_pd(whole, _mm512_loadu_pd(scale));
  const __m512d moved = _mm512_min_pd(_mm512_add_pd(product, _mm512_set1_pd(0.5)), _mm512_set1_pd(65536));
  return _mm512_cvt_roundpd_epi32(moved, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}

VECTOR_FUNCTION void store_words(uint8_t *p, vector a, const uint8_t *scale, const swl_q8_output *q) {
  const __m256i low = rounded(_mm512_castsi512_si256(a), scale, scale + 8 * LANES);
  const __m256i high = rounded(_mm512_extracti64x4_epi64(a, 1), scale + 64, scale + 8 * LANES + 64);
  __m256i words = _mm512_cvtsepi32_epi16(_mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1));
  words = _mm256_max_epi16(words, _mm256_set1_epi16((int16_t)q->minimum));
  words = _mm256_min_epi16(words, _mm256_set1_epi16((int16_t)q->maximum));
  _mm256_storeu_si256((__m256i *)(void *)p, words);
}

#define SHORT 1

/// The same with 15-bit multipliers and shifts: the high half of a sum makes a product of 31 bits, and of the low
/// half's only the part above 16 bits matters.
VECTOR_FUNCTION void store_short_words(uint8_t *p, vector a, const uint8_t *scale, const swl_q8_output *q) {
  const vector multiplier = v_load(scale), shift = v_load(scale + 4 * LANES);
  const vector half = _mm512_sllv_epi32(v_splat(1), _mm512_sub_epi32(shift, v_splat(1)));
  const vector high = _mm512_madd_epi16(_mm512_srli_epi32(a, 16), multiplier), low = _mm512_mulhi_epu16(a, multiplier);
  const vector integers = _mm512_srav_epi32(_mm512_add_epi32(_mm512_add_epi32(high, low), half), shift);
  __m256i words = _mm512_cvtsepi32_epi16(integers);
  words = _mm256_max_epi16(words, _mm256_set1_epi16((int16_t)q->minimum));
  words = _mm256_min_epi16(words, _mm256_set1_epi16((int16_t)q->maximum));
  _mm256_storeu_si256((__m256i *)(void *)p, words);
}

#define EACH_LOW_ROW_COUNT(M, P) M(1, P) M(2, P) M(3, P) M(4, P) M(6, P)
#define EACH_ROW_COUNT(M, P) EACH_LOW_ROW_COUNT(M, P) M(8, P) M(9, P) M(10, P) M(11, P) M(12, P)
#define ROW_COUNTS 0x1F5E

#include "q8_gemm_body.h"

const swl_q8_gemm swl_q16_gemm__avx512vnni = {.lanes = LANES,
                                              .row_limit = ROWS,
                                              .row_counts = ROW_COUNTS,
                                              .step = 4,
                                              .wide = true,
                                              .wide_output = true,
                                              .short_scales = true,
                                              .tile = run_tile};
#endif
