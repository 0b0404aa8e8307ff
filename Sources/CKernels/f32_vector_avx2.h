// Eight floats in AVX2 with FMA. The clamp keeps NaN and the sign of zero, see f32_vector_sse41.h.
#ifndef F32_VECTOR_AVX2_H
#define F32_VECTOR_AVX2_H

#include <immintrin.h>
#include <stddef.h>

#define VF8 static inline __attribute__((always_inline, target("avx2,fma")))

typedef __m256 vf8;

VF8 __m256i vf8_mask(size_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count < 8 ? (int)count : 8), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
VF8 vf8 vf8_load(const float *p) { return _mm256_loadu_ps(p); }
VF8 vf8 vf8_load_part(const float *p, size_t count) { return _mm256_maskload_ps(p, vf8_mask(count)); }
VF8 void vf8_store(float *p, vf8 v) { _mm256_storeu_ps(p, v); }
VF8 void vf8_store_part(float *p, vf8 v, size_t count) { _mm256_maskstore_ps(p, vf8_mask(count), v); }
VF8 vf8 vf8_splat(float x) { return _mm256_set1_ps(x); }
VF8 vf8 vf8_fma(vf8 a, vf8 b, vf8 sum) { return _mm256_fmadd_ps(a, b, sum); }
VF8 vf8 vf8_clamp(vf8 v, vf8 minimum, vf8 maximum) { return _mm256_min_ps(maximum, _mm256_max_ps(minimum, v)); }

#endif
