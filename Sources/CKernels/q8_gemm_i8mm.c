// smmla multiplies two rows of eight bytes by two channels of eight: an accumulator holds 2x2 sums. A panel is eight
// channels, each with eight values side by side.
#if defined(__aarch64__)
#define TARGET __attribute__((target("i8mm,dotprod")))
#define DOT 1
#include "q8_neon.h"

#define LANES 8
#define ROWS 8
#define UNROLL _Pragma("clang loop unroll(full)")

/// Rows 2 * i and 2 * i + 1 in one register.
OPERATION int8x16_t pair_of_rows(const swl_q8_tile *t, int i, const int rows, ptrdiff_t offset, uint8x16_t flip) {
  const uint8_t *first = t->rows[2 * i] + offset;
  const uint8_t *second = 2 * i + 1 < rows ? t->rows[2 * i + 1] + offset : first;
  return vreinterpretq_s8_u8(veorq_u8(vcombine_u8(vld1_u8(first), vld1_u8(second)), flip));
}

/// sums[r][c] of a pair of rows and pairs of channels.
OPERATION void multiply(const swl_q8_tile *t, const uint8_t *weights, const int rows, int32x4_t sums[ROWS / 2][4]) {
  const uint8x16_t flip = vdupq_n_u8(t->activation_flip);
  for (size_t s = 0; s < t->segment_count; s++) {
    ptrdiff_t offset = t->segments[s];
    const ptrdiff_t end = offset + (ptrdiff_t)(4 * t->segment_lanes);
    for (; offset < end; offset += 8, weights += 64) {
      int8x16_t w[4];
      UNROLL for (int c = 0; c < 4; c++) w[c] = vreinterpretq_s8_u8(vld1q_u8(weights + 16 * c));
      UNROLL for (int i = 0; i < (rows + 1) / 2; i++) {
        const int8x16_t a = pair_of_rows(t, i, rows, offset, flip);
        UNROLL for (int c = 0; c < 4; c++) sums[i][c] = vmmlaq_s32(sums[i][c], a, w[c]);
      }
    }
  }
}

/// Four channels of one row of a pair.
OPERATION int32x4_t row_of(int32x4_t left, int32x4_t right, const int row) {
  const int64x2_t a = vreinterpretq_s64_s32(left), b = vreinterpretq_s64_s32(right);
  return vreinterpretq_s32_s64(row == 0 ? vzip1q_s64(a, b) : vzip2q_s64(a, b));
}

OPERATION void tile_body(const swl_q8_tile *t, const uint8_t *panel, size_t first, const int rows) {
  const int32_t *const bias = (const int32_t *)(const void *)panel;
  const float *const scales = (const float *)(const void *)(panel + 4 * LANES);
  int32x4_t sums[ROWS / 2][4];
  UNROLL for (int c = 0; c < 4; c++) {
    const int32x2_t pair = vld1_s32(bias + 2 * c);
    UNROLL for (int i = 0; i < (rows + 1) / 2; i++) sums[i][c] = vcombine_s32(pair, pair);
  }
  multiply(t, panel + 8 * LANES, rows, sums);
  const float32x4_t low = vld1q_f32(scales), high = vld1q_f32(scales + 4);
  const size_t count = t->channels - first < LANES ? t->channels - first : LANES;
  const swl_q8_output q = t->requantization;
  UNROLL for (int i = 0; i < (rows + 1) / 2; i++) {
    int32x4_t numbers[4];
    UNROLL for (int r = 0; r < 2; r++) {
      const int32x4_t correction = vdupq_n_s32(t->corrected && 2 * i + r < rows ? t->corrections[2 * i + r] : 0);
      const int32x4_t a = vaddq_s32(row_of(sums[i][0], sums[i][1], r), correction);
      const int32x4_t b = vaddq_s32(row_of(sums[i][2], sums[i][3], r), correction);
      numbers[2 * r] = integers_128(a, low, &q);
      numbers[2 * r + 1] = integers_128(b, high, &q);
    }
    uint8_t buffer[16];
    store_128(buffer, bytes_128(numbers[0], numbers[1], numbers[2], numbers[3], &q));
    for (int r = 0; r < 2 && 2 * i + r < rows; r++) {
      uint8_t *output = t->output + (size_t)(2 * i + r) * t->output_stride + first;
      if (count == LANES)
        memcpy(output, buffer + LANES * r, LANES);
      else
        memcpy(output, buffer + LANES * r, count);
    }
  }
}

#define EACH_ROW_COUNT(M) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8)
#define TILE(R)                                                                                                        \
  TARGET static void tile_##R(const swl_q8_tile *t, const uint8_t *panel, size_t first) {                              \
    tile_body(t, panel, first, R);                                                                                     \
  }
EACH_ROW_COUNT(TILE)

typedef void (*tile_function)(const swl_q8_tile *t, const uint8_t *panel, size_t first);
#define ENTRY(R) tile_##R,
static const tile_function tiles[ROWS] = {EACH_ROW_COUNT(ENTRY)};

static void run_tile(const swl_q8_tile *t) {
  const uint8_t *panel = t->panels;
  for (size_t first = 0; first < t->channels; first += LANES, panel += t->panel_bytes)
    tiles[t->row_count - 1](t, panel, first);
}

const swl_q8_gemm swl_q8_gemm__i8mm = {
    .lanes = LANES,
    .row_limit = ROWS,
    .step = 8,
    .wide = false,
    .unsigned_activations = false,
    .tile = run_tile,
    .row_sums = swl_q8_row_sums__dotprod,
};
#endif
