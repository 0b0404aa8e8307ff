// Four floats in SSE4.1. There is no fused multiply-add: the product is rounded. The clamp keeps NaN and the sign of
// zero because maxps and minps return their second operand when one is NaN or both are zero.
#ifndef F32_VECTOR_SSE41_H
#define F32_VECTOR_SSE41_H

#include <immintrin.h>
#include <stddef.h>
#include <string.h>

#define VF4 static inline __attribute__((always_inline, target("sse4.1")))

typedef __m128 vf4;

VF4 vf4 vf4_load(const float *p) { return _mm_loadu_ps(p); }
VF4 vf4 vf4_load_part(const float *p, size_t count) {
  float lanes[4] = {0};
  memcpy(lanes, p, (count < 4 ? count : 4) * sizeof *p);
  return _mm_loadu_ps(lanes);
}
VF4 void vf4_store(float *p, vf4 v) { _mm_storeu_ps(p, v); }
VF4 void vf4_store_part(float *p, vf4 v, size_t count) {
  float lanes[4];
  _mm_storeu_ps(lanes, v);
  memcpy(p, lanes, (count < 4 ? count : 4) * sizeof *p);
}
VF4 vf4 vf4_splat(float x) { return _mm_set1_ps(x); }
VF4 vf4 vf4_fma(vf4 a, vf4 b, vf4 sum) { return _mm_add_ps(_mm_mul_ps(a, b), sum); }
VF4 vf4 vf4_clamp(vf4 v, vf4 minimum, vf4 maximum) { return _mm_min_ps(maximum, _mm_max_ps(minimum, v)); }
VF4 vf4 vf4_mul(vf4 a, vf4 b) { return _mm_mul_ps(a, b); }
/// The smaller and the larger; `limit` when x is NaN.
VF4 vf4 vf4_min(vf4 x, vf4 limit) { return _mm_min_ps(x, limit); }
VF4 vf4 vf4_max(vf4 x, vf4 limit) { return _mm_max_ps(x, limit); }
/// The smallest and the largest lane; no lane is NaN.
VF4 float vf4_lowest(vf4 v) {
  v = _mm_min_ps(v, _mm_movehl_ps(v, v));
  return _mm_cvtss_f32(_mm_min_ss(v, _mm_movehdup_ps(v)));
}
VF4 float vf4_highest(vf4 v) {
  v = _mm_max_ps(v, _mm_movehl_ps(v, v));
  return _mm_cvtss_f32(_mm_max_ss(v, _mm_movehdup_ps(v)));
}

#endif
