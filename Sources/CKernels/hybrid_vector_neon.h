// Four int32 sums in NEON: pairs of 16-bit numbers with pairs of weights widened to 16 bits (vi4), and four signed
// bytes with four (vd4, the dot product extension).
#ifndef HYBRID_VECTOR_NEON_H
#define HYBRID_VECTOR_NEON_H

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#define VI4 static inline __attribute__((always_inline))

typedef int32x4_t vi4;
typedef int16x8_t vi4_weights_t;
typedef int16x4_t vi4_word_t;

VI4 vi4 vi4_start(const int32_t *sums, int32_t zero) {
  return vnegq_s32(vmulq_s32(vld1q_s32(sums), vdupq_n_s32(zero)));
}
/// Pairs of bytes: the first ones of four columns, then the second ones.
VI4 vi4_weights_t vi4_weights(const int8_t *p) {
  int16x4_t pairs = vreinterpret_s16_s8(vld1_s8(p));
  return vcombine_s16(vshr_n_s16(vshl_n_s16(pairs, 8), 8), vshr_n_s16(pairs, 8));
}
VI4 vi4_word_t vi4_word(const unsigned char *p) {
  int32_t word;
  memcpy(&word, p, sizeof word);
  return vreinterpret_s16_s32(vdup_n_s32(word));
}
VI4 vi4 vi4_dot(vi4 sum, vi4_word_t word, vi4_weights_t weights) {
  return vmlal_lane_s16(vmlal_lane_s16(sum, vget_low_s16(weights), word, 0), vget_high_s16(weights), word, 1);
}
VI4 vi4 vi4_add(vi4 a, vi4 b) { return vaddq_s32(a, b); }
VI4 float32x4_t vi4_float(vi4 sum) { return vcvtq_f32_s32(sum); }

#if defined(__aarch64__)
/// Four words of a row, and the product with one of them.
typedef int16x8_t vi4_words_t;
VI4 vi4_words_t vi4_words(const unsigned char *p) { return vreinterpretq_s16_u8(vld1q_u8(p)); }
VI4 vi4 vi4_dot_lane(vi4 sum, vi4_words_t words, vi4_weights_t weights, const int i) {
  const int16x4_t half = i < 2 ? vget_low_s16(words) : vget_high_s16(words), first = vget_low_s16(weights);
  if (i % 2 == 0)
    return vmlal_lane_s16(vmlal_lane_s16(sum, first, half, 0), vget_high_s16(weights), half, 1);
  return vmlal_lane_s16(vmlal_lane_s16(sum, first, half, 2), vget_high_s16(weights), half, 3);
}

#define VD4 static inline __attribute__((always_inline, target("dotprod")))

typedef int32x4_t vd4;
typedef int8x16_t vd4_weights_t;
typedef int8x16_t vd4_word_t;

VD4 vd4 vd4_start(const int32_t *sums, int32_t zero) {
  return vnegq_s32(vmulq_s32(vld1q_s32(sums), vdupq_n_s32(zero)));
}
VD4 vd4_weights_t vd4_weights(const int8_t *p) { return vld1q_s8(p); }
VD4 vd4_word_t vd4_word(const unsigned char *p) {
  int32_t word;
  memcpy(&word, p, sizeof word);
  return vreinterpretq_s8_s32(vdupq_n_s32(word));
}
VD4 vd4 vd4_dot(vd4 sum, vd4_word_t word, vd4_weights_t weights) { return vdotq_s32(sum, weights, word); }
typedef int8x16_t vd4_words_t;
VD4 vd4_words_t vd4_words(const unsigned char *p) { return vreinterpretq_s8_u8(vld1q_u8(p)); }
VD4 vd4 vd4_dot_lane(vd4 sum, vd4_words_t words, vd4_weights_t weights, const int i) {
  return i == 0   ? vdotq_laneq_s32(sum, weights, words, 0)
         : i == 1 ? vdotq_laneq_s32(sum, weights, words, 1)
         : i == 2 ? vdotq_laneq_s32(sum, weights, words, 2)
                  : vdotq_laneq_s32(sum, weights, words, 3);
}
VD4 vd4 vd4_add(vd4 a, vd4 b) { return vaddq_s32(a, b); }
VD4 float32x4_t vd4_float(vd4 sum) { return vcvtq_f32_s32(sum); }
#endif

#endif
