// Operations of the 8-bit kernels on 128 and 256 bits for SSE4.1, AVX2 and AVX-VNNI, as q8_gemm_body.h and
// q8_depthwise_body.h want them. The including file defines TARGET, and VNNI as 1 where vpdpbusd multiplies bytes; else
// pmaddwd multiplies int16. With SSE4.1 only the 128-bit half exists.
#ifndef Q8_X86_H
#define Q8_X86_H

#include "q8_kernels.h"
#include <immintrin.h>

#define OPERATION static inline __attribute__((always_inline)) TARGET

#if VNNI
#define TAPS 4
#ifndef DPBUSD
#define DPBUSD(prefix) prefix##_dpbusd_avx_epi32
#define DPWSSD(prefix) prefix##_dpwssd_avx_epi32
#endif
#else
#define TAPS 2
#endif

// Saturating packs make the bounds of the type. The float minimum limits what would exceed int32 upwards; downwards the
// conversion yields its minimum. Conversion rounds to nearest even under the default rounding mode.

OPERATION __m128i load_128(const void *p) { return _mm_loadu_si128((const __m128i *)p); }
OPERATION void store_128(void *p, __m128i v) { _mm_storeu_si128((__m128i *)p, v); }
OPERATION __m128i splat_128(int32_t value) { return _mm_set1_epi32(value); }
OPERATION __m128i xor_128(__m128i a, __m128i b) { return _mm_xor_si128(a, b); }
OPERATION __m128i load_some_128(const void *p, size_t count) {
  uint8_t buffer[16] = {0};
  memcpy(buffer, p, count);
  return load_128(buffer);
}
OPERATION void store_some_128(void *p, __m128i v, size_t count) {
  uint8_t buffer[16];
  store_128(buffer, v);
  memcpy(p, buffer, count);
}

OPERATION __m128i dot_128(__m128i sum, __m128i a, __m128i w) {
#if VNNI
  return DPBUSD(_mm)(sum, a, w);
#else
  return _mm_add_epi32(sum, _mm_madd_epi16(a, w));
#endif
}

OPERATION void interleave_128(const __m128i rows[TAPS], __m128i column[4]) {
  const __m128i low01 = _mm_unpacklo_epi8(rows[0], rows[1]), high01 = _mm_unpackhi_epi8(rows[0], rows[1]);
#if VNNI
  const __m128i low23 = _mm_unpacklo_epi8(rows[2], rows[3]), high23 = _mm_unpackhi_epi8(rows[2], rows[3]);
  column[0] = _mm_unpacklo_epi16(low01, low23);
  column[1] = _mm_unpackhi_epi16(low01, low23);
  column[2] = _mm_unpacklo_epi16(high01, high23);
  column[3] = _mm_unpackhi_epi16(high01, high23);
#else
  const __m128i zero = _mm_setzero_si128();
  column[0] = _mm_unpacklo_epi8(low01, zero);
  column[1] = _mm_unpackhi_epi8(low01, zero);
  column[2] = _mm_unpacklo_epi8(high01, zero);
  column[3] = _mm_unpackhi_epi8(high01, zero);
#endif
}

OPERATION __m128i integers_128(__m128i sum, __m128 scale, const swl_q8_output *q) {
  __m128 product = _mm_mul_ps(_mm_cvtepi32_ps(sum), scale);
  if (q->may_overflow)
    product = _mm_min_ps(product, _mm_set1_ps((float)(q->maximum - q->zero_point)));
  return _mm_cvtps_epi32(product);
}

OPERATION __m128i bytes_128(__m128i a, __m128i b, __m128i c, __m128i d, const swl_q8_output *q) {
  const __m128i zero_point = _mm_set1_epi16((int16_t)q->zero_point);
  const __m128i ab = _mm_adds_epi16(_mm_packs_epi32(a, b), zero_point);
  const __m128i cd = _mm_adds_epi16(_mm_packs_epi32(c, d), zero_point);
  __m128i result = _mm_packs_epi16(ab, cd);
  result = _mm_max_epi8(result, _mm_set1_epi8((char)q->minimum));
  result = _mm_min_epi8(result, _mm_set1_epi8((char)q->maximum));
  return _mm_xor_si128(result, _mm_set1_epi8((char)q->flip));
}

OPERATION __m128i narrow_128(const __m128i sums[4], const uint8_t *scale, const swl_q8_output *q) {
  const float *s = (const float *)(const void *)scale;
  return bytes_128(integers_128(sums[0], _mm_loadu_ps(s), q), integers_128(sums[1], _mm_loadu_ps(s + 4), q),
                   integers_128(sums[2], _mm_loadu_ps(s + 8), q), integers_128(sums[3], _mm_loadu_ps(s + 12), q), q);
}

OPERATION __m128i words_limited(__m128i words, const swl_q8_output *q) {
  words = _mm_max_epi16(words, _mm_set1_epi16((int16_t)q->minimum));
  return _mm_min_epi16(words, _mm_set1_epi16((int16_t)q->maximum));
}

/// Two sums and their biases times scales, rounded to nearest with ties upwards; what exceeds int32 is limited upwards,
/// downwards the conversion yields its minimum.
OPERATION __m128i rounded_128(__m128i sum, const uint8_t *scale, const uint8_t *bias) {
  const __m128d whole = _mm_add_pd(_mm_cvtepi32_pd(sum), _mm_loadu_pd((const double *)(const void *)bias));
  const __m128d product = _mm_mul_pd(whole, _mm_loadu_pd((const double *)(const void *)scale));
  const __m128d moved = _mm_add_pd(product, _mm_set1_pd(0.5));
  return _mm_cvttpd_epi32(_mm_floor_pd(_mm_min_pd(moved, _mm_set1_pd(65536))));
}

OPERATION __m128i wide_integers_128(__m128i sum, const uint8_t *scale, const uint8_t *bias) {
  const __m128i low = rounded_128(sum, scale, bias);
  const __m128i high = rounded_128(_mm_unpackhi_epi64(sum, sum), scale + 16, bias + 16);
  return _mm_unpacklo_epi64(low, high);
}

/// Two vectors of sums as int16.
OPERATION __m128i words_128(__m128i a, __m128i b, const uint8_t *scale, const uint8_t *bias, const swl_q8_output *q) {
  return words_limited(_mm_packs_epi32(wide_integers_128(a, scale, bias), wide_integers_128(b, scale + 32, bias + 32)),
                       q);
}

/// Two rows of int16, the words of a column side by side in two vectors.
OPERATION void interleave_words_128(__m128i row0, __m128i row1, __m128i column[2]) {
  column[0] = _mm_unpacklo_epi16(row0, row1);
  column[1] = _mm_unpackhi_epi16(row0, row1);
}

#ifdef WITH_256_BITS

OPERATION __m256i load_256(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
OPERATION void store_256(void *p, __m256i v) { _mm256_storeu_si256((__m256i *)p, v); }
OPERATION __m256i splat_256(int32_t value) { return _mm256_set1_epi32(value); }
OPERATION __m256i xor_256(__m256i a, __m256i b) { return _mm256_xor_si256(a, b); }

/// Sums times 15-bit multipliers, shifted right by 16 and then by `shift`, rounded to nearest with ties upwards. The
/// high half of a sum makes a product of 31 bits, and of the low half's only the part above 16 bits matters.
OPERATION __m128i short_integers_128(__m128i sum, __m128i multiplier, __m128i shift) {
  const __m128i half = _mm_sllv_epi32(_mm_set1_epi32(1), _mm_sub_epi32(shift, _mm_set1_epi32(1)));
  const __m128i high = _mm_madd_epi16(_mm_srli_epi32(sum, 16), multiplier), low = _mm_mulhi_epu16(sum, multiplier);
  return _mm_srav_epi32(_mm_add_epi32(_mm_add_epi32(high, low), half), shift);
}
OPERATION __m256i short_integers_256(__m256i sum, __m256i multiplier, __m256i shift) {
  const __m256i half = _mm256_sllv_epi32(_mm256_set1_epi32(1), _mm256_sub_epi32(shift, _mm256_set1_epi32(1)));
  const __m256i high = _mm256_madd_epi16(_mm256_srli_epi32(sum, 16), multiplier);
  const __m256i low = _mm256_mulhi_epu16(sum, multiplier);
  return _mm256_srav_epi32(_mm256_add_epi32(_mm256_add_epi32(high, low), half), shift);
}

OPERATION __m128i short_words_128(__m128i a, __m128i b, const uint8_t *scale, size_t chunk, const swl_q8_output *q) {
  const uint8_t *shift = scale + 4 * chunk;
  return words_limited(_mm_packs_epi32(short_integers_128(a, load_128(scale), load_128(shift)),
                                       short_integers_128(b, load_128(scale + 16), load_128(shift + 16))),
                       q);
}
OPERATION __m128i rounded_256(__m128i sum, const uint8_t *scale, const uint8_t *bias) {
  const __m256d whole = _mm256_add_pd(_mm256_cvtepi32_pd(sum), _mm256_loadu_pd((const double *)(const void *)bias));
  const __m256d product = _mm256_mul_pd(whole, _mm256_loadu_pd((const double *)(const void *)scale));
  const __m256d moved = _mm256_add_pd(product, _mm256_set1_pd(0.5));
  return _mm256_cvttpd_epi32(_mm256_floor_pd(_mm256_min_pd(moved, _mm256_set1_pd(65536))));
}

/// One vector of sums as int16.
OPERATION __m128i half_words_256(__m256i sum, const uint8_t *scale, const uint8_t *bias, const swl_q8_output *q) {
  const __m128i low = rounded_256(_mm256_castsi256_si128(sum), scale, bias);
  const __m128i high = rounded_256(_mm256_extracti128_si256(sum, 1), scale + 32, bias + 32);
  return words_limited(_mm_packs_epi32(low, high), q);
}

OPERATION __m256i wide_integers_256(__m256i sum, const uint8_t *scale, const uint8_t *bias) {
  const __m128i low = rounded_256(_mm256_castsi256_si128(sum), scale, bias);
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low),
                                 rounded_256(_mm256_extracti128_si256(sum, 1), scale + 32, bias + 32), 1);
}

OPERATION __m256i words_256(__m256i a, __m256i b, const uint8_t *scale, const uint8_t *bias, const swl_q8_output *q) {
  __m256i words = _mm256_packs_epi32(wide_integers_256(a, scale, bias), wide_integers_256(b, scale + 64, bias + 64));
  words = _mm256_max_epi16(words, _mm256_set1_epi16((int16_t)q->minimum));
  return _mm256_min_epi16(words, _mm256_set1_epi16((int16_t)q->maximum));
}

OPERATION __m256i short_words_256(__m256i a, __m256i b, const uint8_t *scale, size_t chunk, const swl_q8_output *q) {
  const uint8_t *shift = scale + 4 * chunk;
  __m256i words = _mm256_packs_epi32(short_integers_256(a, load_256(scale), load_256(shift)),
                                     short_integers_256(b, load_256(scale + 32), load_256(shift + 32)));
  words = _mm256_max_epi16(words, _mm256_set1_epi16((int16_t)q->minimum));
  return _mm256_min_epi16(words, _mm256_set1_epi16((int16_t)q->maximum));
}

OPERATION void interleave_words_256(__m256i row0, __m256i row1, __m256i column[2]) {
  column[0] = _mm256_unpacklo_epi16(row0, row1);
  column[1] = _mm256_unpackhi_epi16(row0, row1);
}

OPERATION __m256i load_some_256(const void *p, size_t count) {
  uint8_t buffer[32] = {0};
  memcpy(buffer, p, count);
  return load_256(buffer);
}
OPERATION void store_some_256(void *p, __m256i v, size_t count) {
  uint8_t buffer[32];
  store_256(buffer, v);
  memcpy(p, buffer, count);
}

OPERATION __m256i dot_256(__m256i sum, __m256i a, __m256i w) {
#if VNNI
  return DPBUSD(_mm256)(sum, a, w);
#else
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, w));
#endif
}

OPERATION void interleave_256(const __m256i rows[TAPS], __m256i column[4]) {
  const __m256i low01 = _mm256_unpacklo_epi8(rows[0], rows[1]), high01 = _mm256_unpackhi_epi8(rows[0], rows[1]);
#if VNNI
  const __m256i low23 = _mm256_unpacklo_epi8(rows[2], rows[3]), high23 = _mm256_unpackhi_epi8(rows[2], rows[3]);
  column[0] = _mm256_unpacklo_epi16(low01, low23);
  column[1] = _mm256_unpackhi_epi16(low01, low23);
  column[2] = _mm256_unpacklo_epi16(high01, high23);
  column[3] = _mm256_unpackhi_epi16(high01, high23);
#else
  const __m256i zero = _mm256_setzero_si256();
  column[0] = _mm256_unpacklo_epi8(low01, zero);
  column[1] = _mm256_unpackhi_epi8(low01, zero);
  column[2] = _mm256_unpacklo_epi8(high01, zero);
  column[3] = _mm256_unpackhi_epi8(high01, zero);
#endif
}

OPERATION __m256i integers_256(__m256i sum, __m256 scale, const swl_q8_output *q) {
  __m256 product = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), scale);
  if (q->may_overflow)
    product = _mm256_min_ps(product, _mm256_set1_ps((float)(q->maximum - q->zero_point)));
  return _mm256_cvtps_epi32(product);
}

OPERATION __m256i bytes_256(__m256i a, __m256i b, __m256i c, __m256i d, const swl_q8_output *q) {
  const __m256i zero_point = _mm256_set1_epi16((int16_t)q->zero_point);
  const __m256i ab = _mm256_adds_epi16(_mm256_packs_epi32(a, b), zero_point);
  const __m256i cd = _mm256_adds_epi16(_mm256_packs_epi32(c, d), zero_point);
  __m256i result = _mm256_packs_epi16(ab, cd);
  result = _mm256_max_epi8(result, _mm256_set1_epi8((char)q->minimum));
  result = _mm256_min_epi8(result, _mm256_set1_epi8((char)q->maximum));
  return _mm256_xor_si256(result, _mm256_set1_epi8((char)q->flip));
}

OPERATION __m256i narrow_256(const __m256i sums[4], const uint8_t *scale, const swl_q8_output *q) {
  const float *s = (const float *)(const void *)scale;
  return bytes_256(integers_256(sums[0], _mm256_loadu_ps(s), q), integers_256(sums[1], _mm256_loadu_ps(s + 8), q),
                   integers_256(sums[2], _mm256_loadu_ps(s + 16), q), integers_256(sums[3], _mm256_loadu_ps(s + 24), q),
                   q);
}

#endif
#endif
