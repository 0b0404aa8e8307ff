// Sixteen int32 sums in AVX512-VNNI (vn16) and eight (vm8): four unsigned bytes with four signed ones.
#ifndef HYBRID_VECTOR_AVX512_H
#define HYBRID_VECTOR_AVX512_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define VN16 static inline __attribute__((always_inline, target("avx512f,avx512vnni")))
#define VM8 static inline __attribute__((always_inline, target("avx2,avx512f,avx512vl,avx512vnni")))

typedef __m512i vn16;
typedef __m512i vn16_weights_t;
typedef __m512i vn16_word_t;

VN16 vn16 vn16_start(const int32_t *sums, int32_t zero) {
  __m512i sum = _mm512_loadu_si512(sums);
  return _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_mullo_epi32(sum, _mm512_set1_epi32(zero)));
}
VN16 vn16_weights_t vn16_weights(const int8_t *p) { return _mm512_loadu_si512(p); }
VN16 vn16_word_t vn16_word(const unsigned char *p) {
  int32_t word;
  memcpy(&word, p, sizeof word);
  return _mm512_set1_epi32(word);
}
VN16 vn16 vn16_dot(vn16 sum, vn16_word_t word, vn16_weights_t weights) {
  return _mm512_dpbusd_epi32(sum, word, weights);
}
VN16 vn16 vn16_add(vn16 a, vn16 b) { return _mm512_add_epi32(a, b); }
VN16 __m512 vn16_float(vn16 sum) { return _mm512_cvtepi32_ps(sum); }

typedef __m256i vm8;
typedef __m256i vm8_weights_t;
typedef __m256i vm8_word_t;

VM8 vm8 vm8_start(const int32_t *sums, int32_t zero) {
  __m256i sum = _mm256_loadu_si256((const __m256i *)(const void *)sums);
  return _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_mullo_epi32(sum, _mm256_set1_epi32(zero)));
}
VM8 vm8_weights_t vm8_weights(const int8_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }
VM8 vm8_word_t vm8_word(const unsigned char *p) {
  int32_t word;
  memcpy(&word, p, sizeof word);
  return _mm256_set1_epi32(word);
}
VM8 vm8 vm8_dot(vm8 sum, vm8_word_t word, vm8_weights_t weights) { return _mm256_dpbusd_epi32(sum, word, weights); }
VM8 vm8 vm8_add(vm8 a, vm8 b) { return _mm256_add_epi32(a, b); }
VM8 __m256 vm8_float(vm8 sum) { return _mm256_cvtepi32_ps(sum); }

#endif
