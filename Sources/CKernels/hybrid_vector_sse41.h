// Four int32 sums in SSE4.1: pairs of 16-bit numbers with pairs of weights widened to 16 bits.
#ifndef HYBRID_VECTOR_SSE41_H
#define HYBRID_VECTOR_SSE41_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define VI4 static inline __attribute__((always_inline, target("sse4.1")))

typedef __m128i vi4;
typedef __m128i vi4_weights_t;
typedef __m128i vi4_word_t;

VI4 vi4 vi4_start(const int32_t *sums, int32_t zero) {
  __m128i sum = _mm_loadu_si128((const __m128i *)(const void *)sums);
  return _mm_sub_epi32(_mm_setzero_si128(), _mm_mullo_epi32(sum, _mm_set1_epi32(zero)));
}
VI4 vi4_weights_t vi4_weights(const int8_t *p) {
  return _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)(const void *)p));
}
VI4 vi4_word_t vi4_word(const unsigned char *p) {
  int32_t word;
  memcpy(&word, p, sizeof word);
  return _mm_set1_epi32(word);
}
VI4 vi4 vi4_dot(vi4 sum, vi4_word_t word, vi4_weights_t weights) {
  return _mm_add_epi32(sum, _mm_madd_epi16(word, weights));
}
VI4 vi4 vi4_add(vi4 a, vi4 b) { return _mm_add_epi32(a, b); }
VI4 __m128 vi4_float(vi4 sum) { return _mm_cvtepi32_ps(sum); }

/// a * b + c in double, rounded to odd where it is not exact, so that rounding it once more to float is as if it were
/// the only time (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums", 2008). The product is exact.
VI4 __m128d vi4_fused_pair(__m128d a, __m128d b, __m128d c) {
  const __m128d product = _mm_mul_pd(a, b), sum = _mm_add_pd(product, c), part = _mm_sub_pd(sum, product);
  const __m128d error = _mm_add_pd(_mm_sub_pd(product, _mm_sub_pd(sum, part)), _mm_sub_pd(c, part));
  const __m128d zero = _mm_setzero_pd();
  const __m128i bits = _mm_castpd_si128(sum), one = _mm_set1_epi64x(1);
  const __m128i is_even = _mm_cmpeq_epi64(_mm_and_si128(bits, one), _mm_setzero_si128());
  const __m128d is_inexact = _mm_or_pd(_mm_cmplt_pd(error, zero), _mm_cmpgt_pd(error, zero));
  // -1 where the exact sum is smaller in magnitude, else 1.
  const __m128i signs = _mm_srai_epi32(_mm_castpd_si128(_mm_xor_pd(error, sum)), 31);
  const __m128i step = _mm_or_si128(_mm_shuffle_epi32(signs, _MM_SHUFFLE(3, 3, 1, 1)), one);
  const __m128i moved = _mm_and_si128(step, _mm_and_si128(is_even, _mm_castpd_si128(is_inexact)));
  return _mm_castsi128_pd(_mm_add_epi64(bits, moved));
}

/// The fused multiply-add that SSE4.1 lacks. Not inlined: a tile would have it once for each of its vectors.
static __attribute__((noinline, target("sse4.1"))) __m128 vi4_fused(__m128 a, __m128 b, __m128 c) {
  const __m128d low = vi4_fused_pair(_mm_cvtps_pd(a), _mm_cvtps_pd(b), _mm_cvtps_pd(c));
  const __m128d high = vi4_fused_pair(_mm_cvtps_pd(_mm_movehl_ps(a, a)), _mm_cvtps_pd(_mm_movehl_ps(b, b)),
                                      _mm_cvtps_pd(_mm_movehl_ps(c, c)));
  return _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high));
}

#endif
