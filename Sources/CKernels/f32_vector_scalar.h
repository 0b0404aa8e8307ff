// One float as a vector of one: the specification of the other wrappers. The clamp keeps NaN and the sign of zero.
#ifndef F32_VECTOR_SCALAR_H
#define F32_VECTOR_SCALAR_H

#include "fused.h"
#include <stddef.h>

typedef float vf1;

static inline vf1 vf1_load(const float *p) { return *p; }
static inline vf1 vf1_load_part(const float *p, size_t count) { return count ? *p : 0; }
static inline void vf1_store(float *p, vf1 v) { *p = v; }
static inline void vf1_store_part(float *p, vf1 v, size_t count) {
  if (count)
    *p = v;
}
static inline vf1 vf1_splat(float x) { return x; }
static inline vf1 vf1_fma(vf1 a, vf1 b, vf1 sum) { return swl_fused_f32(a, b, sum); }
static inline vf1 vf1_clamp(vf1 v, vf1 minimum, vf1 maximum) {
  v = v < minimum ? minimum : v;
  return v > maximum ? maximum : v;
}
static inline vf1 vf1_mul(vf1 a, vf1 b) { return a * b; }
/// The smaller and the larger; `limit` when x is NaN.
static inline vf1 vf1_min(vf1 x, vf1 limit) { return x < limit ? x : limit; }
static inline vf1 vf1_max(vf1 x, vf1 limit) { return x > limit ? x : limit; }
/// The smallest and the largest lane; no lane is NaN.
static inline float vf1_lowest(vf1 v) { return v; }
static inline float vf1_highest(vf1 v) { return v; }

#endif
