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
VF8 vf8 vf8_mul(vf8 a, vf8 b) { return _mm256_mul_ps(a, b); }
/// The smaller and the larger; `limit` when x is NaN.
VF8 vf8 vf8_min(vf8 x, vf8 limit) { return _mm256_min_ps(x, limit); }
VF8 vf8 vf8_max(vf8 x, vf8 limit) { return _mm256_max_ps(x, limit); }
/// The smallest and the largest lane; no lane is NaN.
VF8 float vf8_lowest(vf8 v) {
  __m128 half = _mm_min_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  half = _mm_min_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_min_ss(half, _mm_movehdup_ps(half)));
}
VF8 float vf8_highest(vf8 v) {
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}

#endif
