// Eight int32 sums in AVX2 (vi8: pairs of 16-bit numbers, exact where vpmaddubsw would saturate) and in AVX-VNNI (vn8:
// four unsigned bytes with four signed ones).
#ifndef HYBRID_VECTOR_AVX2_H
#define HYBRID_VECTOR_AVX2_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define VI8 static inline __attribute__((always_inline, target("avx2")))
#define VN8 static inline __attribute__((always_inline, target("avx2,avxvnni")))

typedef __m256i vi8;
typedef __m256i vi8_weights_t;
typedef __m256i vi8_word_t;

VI8 vi8 vi8_start(const int32_t *sums, int32_t zero) {
  __m256i sum = _mm256_loadu_si256((const __m256i *)(const void *)sums);
  return _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_mullo_epi32(sum, _mm256_set1_epi32(zero)));
}
VI8 vi8_weights_t vi8_weights(const int8_t *p) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)p));
}
VI8 vi8_word_t vi8_word(const unsigned char *p) {
  int32_t word;
  memcpy(&word, p, sizeof word);
  return _mm256_set1_epi32(word);
}
VI8 vi8 vi8_dot(vi8 sum, vi8_word_t word, vi8_weights_t weights) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(word, weights));
}
VI8 vi8 vi8_add(vi8 a, vi8 b) { return _mm256_add_epi32(a, b); }
VI8 __m256 vi8_float(vi8 sum) { return _mm256_cvtepi32_ps(sum); }

typedef __m256i vn8;
typedef __m256i vn8_weights_t;
typedef __m256i vn8_word_t;

VN8 vn8 vn8_start(const int32_t *sums, int32_t zero) { return vi8_start(sums, zero); }
VN8 vn8_weights_t vn8_weights(const int8_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }
VN8 vn8_word_t vn8_word(const unsigned char *p) { return vi8_word(p); }
VN8 vn8 vn8_dot(vn8 sum, vn8_word_t word, vn8_weights_t weights) { return _mm256_dpbusd_avx_epi32(sum, word, weights); }
VN8 vn8 vn8_add(vn8 a, vn8 b) { return vi8_add(a, b); }
VN8 __m256 vn8_float(vn8 sum) { return vi8_float(sum); }

#endif
