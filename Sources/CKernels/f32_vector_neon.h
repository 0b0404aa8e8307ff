// Four floats in NEON. AArch64 always fuses; ARMv7 does where the compiler has been told of VFPv4. The clamp selects by
// comparison, because vmaxq orders zeros by sign.
#ifndef F32_VECTOR_NEON_H
#define F32_VECTOR_NEON_H

#include <arm_neon.h>
#include <stddef.h>
#include <string.h>

#define VF4 static inline __attribute__((always_inline))

typedef float32x4_t vf4;

VF4 vf4 vf4_load(const float *p) { return vld1q_f32(p); }
VF4 vf4 vf4_load_part(const float *p, size_t count) {
  float lanes[4] = {0};
  memcpy(lanes, p, (count < 4 ? count : 4) * sizeof *p);
  return vld1q_f32(lanes);
}
VF4 void vf4_store(float *p, vf4 v) { vst1q_f32(p, v); }
VF4 void vf4_store_part(float *p, vf4 v, size_t count) {
  float lanes[4];
  vst1q_f32(lanes, v);
  memcpy(p, lanes, (count < 4 ? count : 4) * sizeof *p);
}
VF4 vf4 vf4_splat(float x) { return vdupq_n_f32(x); }
VF4 vf4 vf4_fma(vf4 a, vf4 b, vf4 sum) {
#if defined(__aarch64__) || defined(__ARM_FEATURE_FMA)
  return vfmaq_f32(sum, a, b);
#else
  return vmlaq_f32(sum, a, b);
#endif
}
#if defined(__aarch64__)
/// With lane i of b.
VF4 vf4 vf4_fma_lane(vf4 a, vf4 b, const int i, vf4 sum) {
  return i == 0   ? vfmaq_laneq_f32(sum, a, b, 0)
         : i == 1 ? vfmaq_laneq_f32(sum, a, b, 1)
         : i == 2 ? vfmaq_laneq_f32(sum, a, b, 2)
                  : vfmaq_laneq_f32(sum, a, b, 3);
}
#endif
VF4 vf4 vf4_clamp(vf4 v, vf4 minimum, vf4 maximum) {
  v = vbslq_f32(vcltq_f32(v, minimum), minimum, v);
  return vbslq_f32(vcgtq_f32(v, maximum), maximum, v);
}
VF4 vf4 vf4_mul(vf4 a, vf4 b) { return vmulq_f32(a, b); }
/// The smaller and the larger; `limit` when x is NaN.
VF4 vf4 vf4_min(vf4 x, vf4 limit) { return vbslq_f32(vcltq_f32(x, limit), x, limit); }
VF4 vf4 vf4_max(vf4 x, vf4 limit) { return vbslq_f32(vcgtq_f32(x, limit), x, limit); }
/// The smallest and the largest lane; no lane is NaN.
VF4 float vf4_lowest(vf4 v) {
  float32x2_t half = vpmin_f32(vget_low_f32(v), vget_high_f32(v));
  return vget_lane_f32(vpmin_f32(half, half), 0);
}
VF4 float vf4_highest(vf4 v) {
  float32x2_t half = vpmax_f32(vget_low_f32(v), vget_high_f32(v));
  return vget_lane_f32(vpmax_f32(half, half), 0);
}

#endif
