// The GEMM tiles on 128 bits of NEON.
#include "q8_neon.h"

#define LANES 4
#define ROWS 8
#ifndef WIDE
#define WIDE 0
#endif
#define FLIPPING DOT

typedef int32x4_t vector;
typedef int32x4_t bytes;
typedef float32x4_t scales;

OPERATION vector v_load(const void *p) { return load_128(p); }
OPERATION void v_store(void *p, vector v) { store_128(p, v); }
OPERATION vector v_hidden(vector a) { return a; }
OPERATION vector v_splat(int32_t value) { return splat_128(value); }
OPERATION vector v_xor(vector a, vector b) { return xor_128(a, b); }
OPERATION vector v_add(vector a, vector b) { return vaddq_s32(a, b); }
OPERATION scales f_load(const void *p) { return vld1q_f32((const float *)p); }

#if defined(__aarch64__)
#define BY_LANE 1
/// Compilers that see through this repeat the lane, which takes another operation.
OPERATION vector v_word(int32_t number) {
  vector a = vsetq_lane_s32(number, vdupq_n_s32(0), 0);
  __asm__("" : "+w"(a));
  return a;
}
#if DOT
#define WITH_LANE(i) vdotq_laneq_s32(sum, vreinterpretq_s8_s32(w), vreinterpretq_s8_s32(a), i)
#else
#define WITH_LANE(i)                                                                                                   \
  vmlal_laneq_s16(vmlal_laneq_s16(sum, vget_low_s16(weights), pairs, 2 * i), vget_high_s16(weights), pairs, 2 * i + 1)
#endif
OPERATION vector v_dot_lane(vector sum, vector a, vector w, const int i) {
#if !DOT
  const int16x8_t pairs = vreinterpretq_s16_s32(a), weights = vreinterpretq_s16_s32(w);
#endif
  return i == 0 ? WITH_LANE(0) : i == 1 ? WITH_LANE(1) : i == 2 ? WITH_LANE(2) : WITH_LANE(3);
}
OPERATION vector v_dot(vector sum, vector a, vector w) { return v_dot_lane(sum, a, w, 0); }
#else
/// `a` repeats one lane.
OPERATION vector v_dot(vector sum, vector a, vector w) {
  const int16x4_t pair = vget_low_s16(vreinterpretq_s16_s32(a));
  const int16x8_t weights = vreinterpretq_s16_s32(w);
  return vmlal_lane_s16(vmlal_lane_s16(sum, vget_low_s16(weights), pair, 0), vget_high_s16(weights), pair, 1);
}
#endif

#if WIDE
OPERATION void store_words(uint8_t *p, vector a, const uint8_t *scale, const swl_q8_output *q) {
  vst1_s16((int16_t *)(void *)p, half_words_128(a, scale, scale + 8 * LANES, q));
}
OPERATION void store_short_words(uint8_t *p, vector a, const uint8_t *scale, const swl_q8_output *q) {
  vst1_s16((int16_t *)(void *)p, short_half_words_128(a, scale, scale + 4 * LANES, q));
}
#define SHORT 1
#else
OPERATION bytes narrow(vector a, vector b, vector c, vector d, scales sa, scales sb, scales sc, scales sd,
                       const swl_q8_output *q) {
  return bytes_128(integers_128(a, sa, q), integers_128(b, sb, q), integers_128(c, sc, q), integers_128(d, sd, q), q);
}

OPERATION void store_quarter(uint8_t *p, bytes b, int part) {
  uint8_t buffer[4 * LANES];
  store_128(buffer, b);
  memcpy(p, buffer + part * LANES, LANES);
}

OPERATION void store_part(uint8_t *p, bytes b, int part, int panels) {
  const uint8x16_t all = vreinterpretq_u8_s32(b);
  if (panels == 4)
    vst1q_u8(p, all);
  else if (panels == 2)
    vst1_u8(p, part == 0 ? vget_low_u8(all) : vget_high_u8(all));
  else
    store_quarter(p, b, part);
}
#endif

#define EACH_LOW_ROW_COUNT(M, P) M(1, P) M(2, P) M(3, P) M(4, P)
#define EACH_ROW_COUNT(M, P) EACH_LOW_ROW_COUNT(M, P) M(5, P) M(6, P) M(7, P) M(8, P)

#include "q8_gemm_body.h"
