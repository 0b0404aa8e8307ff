// Operations of the 8-bit kernels on 128 bits of NEON, as q8_gemm_body.h and q8_depthwise_body.h want them. The
// including file defines TARGET, and DOT as 1 where sdot multiplies signed bytes; else vmlal multiplies int16, whose
// two values of a lane stand apart: the first of all four lanes, then the second.
#ifndef Q8_NEON_H
#define Q8_NEON_H

#include "q8_kernels.h"
#include <arm_neon.h>

#define OPERATION static inline __attribute__((always_inline)) TARGET

#if DOT
#define TAPS 4
#else
#define TAPS 2
#endif

OPERATION int32x4_t load_128(const void *p) { return vreinterpretq_s32_u8(vld1q_u8((const uint8_t *)p)); }
OPERATION void store_128(void *p, int32x4_t v) { vst1q_u8((uint8_t *)p, vreinterpretq_u8_s32(v)); }
OPERATION int32x4_t splat_128(int32_t value) { return vdupq_n_s32(value); }
OPERATION int32x4_t xor_128(int32x4_t a, int32x4_t b) { return veorq_s32(a, b); }
OPERATION int32x4_t load_some_128(const void *p, size_t count) {
  uint8_t buffer[16] = {0};
  memcpy(buffer, p, count);
  return load_128(buffer);
}
OPERATION void store_some_128(void *p, int32x4_t v, size_t count) {
  uint8_t buffer[16];
  store_128(buffer, v);
  memcpy(p, buffer, count);
}

OPERATION int32x4_t dot_128(int32x4_t sum, int32x4_t a, int32x4_t w) {
#if DOT
  return vdotq_s32(sum, vreinterpretq_s8_s32(a), vreinterpretq_s8_s32(w));
#else
  const int16x8_t values = vreinterpretq_s16_s32(a), weights = vreinterpretq_s16_s32(w);
  return vmlal_s16(vmlal_s16(sum, vget_low_s16(values), vget_low_s16(weights)), vget_high_s16(values),
                   vget_high_s16(weights));
#endif
}

#if DOT
/// The sum of unsigned bytes after a flip.
OPERATION uint32_t sum_of_bytes(const uint8_t *p, size_t count, uint8_t flip) {
  const uint8x16_t flips = vdupq_n_u8(flip), ones = vdupq_n_u8(1);
  uint32x4_t sums = vdupq_n_u32(0);
  for (; count >= 16; count -= 16, p += 16)
    sums = vdotq_u32(sums, veorq_u8(vld1q_u8(p), flips), ones);
  uint32x2_t half = vadd_u32(vget_low_u32(sums), vget_high_u32(sums));
  for (; count >= 8; count -= 8, p += 8)
    half = vdot_u32(half, veor_u8(vld1_u8(p), vget_low_u8(flips)), vget_low_u8(ones));
  uint32_t sum = vget_lane_u32(half, 0) + vget_lane_u32(half, 1);
  for (size_t i = 0; i < count; i++)
    sum += p[i] ^ flip;
  return sum;
}
#endif

OPERATION void interleave_128(const int32x4_t rows[TAPS], int32x4_t column[4]) {
#if DOT
  const uint8x16x2_t upper = vzipq_u8(vreinterpretq_u8_s32(rows[0]), vreinterpretq_u8_s32(rows[1]));
  const uint8x16x2_t lower = vzipq_u8(vreinterpretq_u8_s32(rows[2]), vreinterpretq_u8_s32(rows[3]));
  for (int half = 0; half < 2; half++) {
    const uint16x8x2_t zipped = vzipq_u16(vreinterpretq_u16_u8(upper.val[half]), vreinterpretq_u16_u8(lower.val[half]));
    column[2 * half] = vreinterpretq_s32_u16(zipped.val[0]);
    column[2 * half + 1] = vreinterpretq_s32_u16(zipped.val[1]);
  }
#else
  for (int t = 0; t < 2; t++) {
    const uint8x16_t row = vreinterpretq_u8_s32(rows[t]);
    column[2 * t] = vreinterpretq_s32_u16(vmovl_u8(vget_low_u8(row)));
    column[2 * t + 1] = vreinterpretq_s32_u16(vmovl_u8(vget_high_u8(row)));
  }
#endif
}

#if !DOT
/// Columns and weights hold a tap of sixteen channels in two vectors, then the next one.
OPERATION void multiply_taps_128(int32x4_t sums[4], const int32x4_t column[4], const int32x4_t weights[4],
                                 const size_t count) {
  for (size_t i = 0; i < 2 * count; i++) {
    const int16x8_t a = vreinterpretq_s16_s32(column[i]), w = vreinterpretq_s16_s32(weights[i]);
    int32x4_t *const pair = sums + i % 2 * 2;
    pair[0] = vmlal_s16(pair[0], vget_low_s16(a), vget_low_s16(w));
    pair[1] = vmlal_s16(pair[1], vget_high_s16(a), vget_high_s16(w));
  }
}
#endif

/// Rounds to nearest even and saturates. ARMv7 has no such conversion: after limiting, a large constant rounds the sum.
OPERATION int32x4_t integers_128(int32x4_t sum, float32x4_t scale, const swl_q8_output *q) {
  const float32x4_t product = vmulq_f32(vcvtq_f32_s32(sum), scale);
#if defined(__aarch64__)
  (void)q;
  return vcvtnq_s32_f32(product);
#else
  const float32x4_t low = vdupq_n_f32((float)(q->minimum - q->zero_point));
  const float32x4_t high = vdupq_n_f32((float)(q->maximum - q->zero_point));
  const float32x4_t limited = vmaxq_f32(vminq_f32(product, high), low);
  return vsubq_s32(vreinterpretq_s32_f32(vaddq_f32(limited, vdupq_n_f32(12582912.0f))), vdupq_n_s32(0x4B400000));
#endif
}

OPERATION int32x4_t bytes_128(int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d, const swl_q8_output *q) {
  const int16x8_t zero_point = vdupq_n_s16((int16_t)q->zero_point);
  const int16x8_t ab = vqaddq_s16(vcombine_s16(vqmovn_s32(a), vqmovn_s32(b)), zero_point);
  const int16x8_t cd = vqaddq_s16(vcombine_s16(vqmovn_s32(c), vqmovn_s32(d)), zero_point);
  int8x16_t result = vcombine_s8(vqmovn_s16(ab), vqmovn_s16(cd));
  result = vmaxq_s8(result, vdupq_n_s8((int8_t)q->minimum));
  result = vminq_s8(result, vdupq_n_s8((int8_t)q->maximum));
  return vreinterpretq_s32_u8(veorq_u8(vreinterpretq_u8_s8(result), vdupq_n_u8(q->flip)));
}

/// Four sums and their biases times scales as int16, rounded to nearest with ties upwards.
OPERATION int16x4_t half_words_128(int32x4_t sum, const uint8_t *scale, const uint8_t *bias, const swl_q8_output *q) {
#if defined(__aarch64__)
  const double *s = (const double *)(const void *)scale, *b = (const double *)(const void *)bias;
  float64x2_t low = vaddq_f64(vcvtq_f64_s64(vmovl_s32(vget_low_s32(sum))), vld1q_f64(b));
  float64x2_t high = vaddq_f64(vcvtq_f64_s64(vmovl_high_s32(sum)), vld1q_f64(b + 2));
  low = vmulq_f64(low, vld1q_f64(s));
  high = vmulq_f64(high, vld1q_f64(s + 2));
  low = vaddq_f64(low, vdupq_n_f64(0.5));
  high = vaddq_f64(high, vdupq_n_f64(0.5));
  const int32x4_t rounded = vcombine_s32(vqmovn_s64(vcvtmq_s64_f64(low)), vqmovn_s64(vcvtmq_s64_f64(high)));
  const int16x4_t words = vqmovn_s32(rounded);
  return vmin_s16(vmax_s16(words, vdup_n_s16((int16_t)q->minimum)), vdup_n_s16((int16_t)q->maximum));
#else
  int32_t sums[4];
  int16_t words[4];
  vst1q_s32(sums, sum);
  for (size_t i = 0; i < 4; i++) {
    double factor, addend;
    memcpy(&factor, scale + 8 * i, sizeof factor);
    memcpy(&addend, bias + 8 * i, sizeof addend);
    words[i] = swl_q8_requantize_wide((double)sums[i] + addend, factor, q);
  }
  return vld1_s16(words);
#endif
}

/// The same with 15-bit multipliers and shifts: the high half of a sum makes a product of 31 bits, and of the low
/// half's only the part above 16 bits matters.
OPERATION int16x4_t short_half_words_128(int32x4_t sum, const uint8_t *multipliers, const uint8_t *shifts,
                                         const swl_q8_output *q) {
  const int32x4_t multiplier = load_128(multipliers), down = vnegq_s32(load_128(shifts));
  const uint32x4_t low = vandq_u32(vreinterpretq_u32_s32(sum), vdupq_n_u32(0xFFFF));
  const uint32x4_t low_product = vshrq_n_u32(vmulq_u32(low, vreinterpretq_u32_s32(multiplier)), 16);
  const int32x4_t high_product = vmulq_s32(vshrq_n_s32(sum, 16), multiplier);
  const int32x4_t product = vaddq_s32(high_product, vreinterpretq_s32_u32(low_product));
  const int16x4_t words = vqmovn_s32(vrshlq_s32(product, down));
  return vmin_s16(vmax_s16(words, vdup_n_s16((int16_t)q->minimum)), vdup_n_s16((int16_t)q->maximum));
}

OPERATION int32x4_t short_words_128(int32x4_t a, int32x4_t b, const uint8_t *scale, size_t chunk,
                                    const swl_q8_output *q) {
  const uint8_t *shift = scale + 4 * chunk;
  return vreinterpretq_s32_s16(
      vcombine_s16(short_half_words_128(a, scale, shift, q), short_half_words_128(b, scale + 16, shift + 16, q)));
}

/// Two vectors of sums as int16.
OPERATION int32x4_t words_128(int32x4_t a, int32x4_t b, const uint8_t *scale, const uint8_t *bias,
                              const swl_q8_output *q) {
  return vreinterpretq_s32_s16(
      vcombine_s16(half_words_128(a, scale, bias, q), half_words_128(b, scale + 32, bias + 32, q)));
}

/// Two rows of int16: the first row's words of four columns, then the second row's, in two vectors.
OPERATION void interleave_words_128(int32x4_t row0, int32x4_t row1, int32x4_t column[2]) {
  const int16x8_t a = vreinterpretq_s16_s32(row0), b = vreinterpretq_s16_s32(row1);
  column[0] = vreinterpretq_s32_s16(vcombine_s16(vget_low_s16(a), vget_low_s16(b)));
  column[1] = vreinterpretq_s32_s16(vcombine_s16(vget_high_s16(a), vget_high_s16(b)));
}

OPERATION int32x4_t narrow_128(const int32x4_t sums[4], const uint8_t *scale, const swl_q8_output *q) {
  const float *s = (const float *)(const void *)scale;
  return bytes_128(integers_128(sums[0], vld1q_f32(s), q), integers_128(sums[1], vld1q_f32(s + 4), q),
                   integers_128(sums[2], vld1q_f32(s + 8), q), integers_128(sums[3], vld1q_f32(s + 12), q), q);
}

#endif
