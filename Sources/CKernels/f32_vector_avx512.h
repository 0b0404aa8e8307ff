// Sixteen floats in AVX512F. The clamp keeps NaN and the sign of zero, see f32_vector_sse41.h.
#ifndef F32_VECTOR_AVX512_H
#define F32_VECTOR_AVX512_H

#include <immintrin.h>
#include <stddef.h>

#define VF16 static inline __attribute__((always_inline, target("avx512f")))

typedef __m512 vf16;

VF16 __mmask16 vf16_mask(size_t count) { return (__mmask16)(count < 16 ? (1u << count) - 1 : 0xffffu); }
VF16 vf16 vf16_load(const float *p) { return _mm512_loadu_ps(p); }
VF16 vf16 vf16_load_part(const float *p, size_t count) { return _mm512_maskz_loadu_ps(vf16_mask(count), p); }
VF16 void vf16_store(float *p, vf16 v) { _mm512_storeu_ps(p, v); }
VF16 void vf16_store_part(float *p, vf16 v, size_t count) { _mm512_mask_storeu_ps(p, vf16_mask(count), v); }
VF16 vf16 vf16_splat(float x) { return _mm512_set1_ps(x); }
VF16 vf16 vf16_fma(vf16 a, vf16 b, vf16 sum) { return _mm512_fmadd_ps(a, b, sum); }
VF16 vf16 vf16_clamp(vf16 v, vf16 minimum, vf16 maximum) { return _mm512_min_ps(maximum, _mm512_max_ps(minimum, v)); }
VF16 vf16 vf16_mul(vf16 a, vf16 b) { return _mm512_mul_ps(a, b); }
/// The smaller and the larger; `limit` when x is NaN.
VF16 vf16 vf16_min(vf16 x, vf16 limit) { return _mm512_min_ps(x, limit); }
VF16 vf16 vf16_max(vf16 x, vf16 limit) { return _mm512_max_ps(x, limit); }
/// The smallest and the largest lane; no lane is NaN.
VF16 float vf16_lowest(vf16 v) { return _mm512_reduce_min_ps(v); }
VF16 float vf16_highest(vf16 v) { return _mm512_reduce_max_ps(v); }

#endif
