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

#endif
