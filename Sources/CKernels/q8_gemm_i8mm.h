// The GEMM tiles of i8mm. smmla multiplies two rows of eight bytes by two channels of eight: an accumulator holds 2x2
// sums. A panel is eight channels, each with eight values side by side. The including file defines UNSIGNED as 1 where
// activations are unsigned, which usmmla multiplies by signed weights.
//
// Joining two rows costs an operation of the pipes that multiply, so a tile is wide: three pairs of rows by sixteen
// channels, 24 accumulators of the 32 registers, are 48 products to 6 such operations. The empty assembly keeps
// compilers from loading so far ahead that accumulators have to leave the registers.
#define TARGET __attribute__((target("i8mm,dotprod")))
#define DOT 1
#include "q8_neon.h"

#define LANES 8
#define PAIRS 3
#define UNROLL _Pragma("clang loop unroll(full)")

OPERATION int32x4_t multiply_add(int32x4_t sum, uint8x16_t a, uint8x16_t w) {
#if UNSIGNED
  return vusmmlaq_s32(sum, a, vreinterpretq_s8_u8(w));
#else
  return vmmlaq_s32(sum, vreinterpretq_s8_u8(a), vreinterpretq_s8_u8(w));
#endif
}

/// The low or the high halves of two rows side by side.
OPERATION uint8x16_t halves(uint8x16_t a, uint8x16_t b, const int high) {
  const uint64x2_t first = vreinterpretq_u64_u8(a), second = vreinterpretq_u64_u8(b);
  return vreinterpretq_u8_u64(high ? vzip2q_u64(first, second) : vzip1q_u64(first, second));
}

/// sums[i][c] += the products of the pairs of rows with eight bytes of `panels` panels.
OPERATION void multiply_step(const uint8_t *weights, size_t panel_bytes, const uint8x16_t a[PAIRS], const int pairs,
                             const int panels, int32x4_t sums[PAIRS][8]) {
  UNROLL for (int c = 0; c < 4 * panels; c++) {
    const uint8x16_t w = vld1q_u8(weights + (c < 4 ? 0 : panel_bytes) + 16 * (c % 4));
    __asm__ volatile("" ::: "memory");
    UNROLL for (int i = 0; i < pairs; i++) sums[i][c] = multiply_add(sums[i][c], a[i], w);
  }
}

/// sums[i][c] of pair i of rows and pair c of channels.
OPERATION void multiply(const swl_q8_tile *t, const uint8_t *weights, const int pairs, const int panels,
                        int32x4_t sums[PAIRS][8]) {
  const uint8_t *rows[2 * PAIRS];
  UNROLL for (int r = 0; r < 2 * pairs; r++) rows[r] = t->rows[(size_t)r < t->row_count ? r : r - 1];
  const size_t panel_bytes = t->panel_bytes;
  for (size_t s = 0; s < t->segment_count; s++) {
    const ptrdiff_t end = t->segments[s] + (ptrdiff_t)(4 * t->segment_lanes);
    ptrdiff_t offset = t->segments[s];
    uint8x16_t low[PAIRS], high[PAIRS];
    for (; end - offset >= 16; offset += 16, weights += 128) {
      UNROLL for (int i = 0; i < pairs; i++) {
        const uint8x16_t a = vld1q_u8(rows[2 * i] + offset), b = vld1q_u8(rows[2 * i + 1] + offset);
        low[i] = halves(a, b, 0);
        high[i] = halves(a, b, 1);
        __asm__ volatile("" : "+w"(low[i]), "+w"(high[i]) : : "memory");
      }
      multiply_step(weights, panel_bytes, low, pairs, panels, sums);
      multiply_step(weights + 64, panel_bytes, high, pairs, panels, sums);
    }
    if (offset < end) {
      UNROLL for (int i = 0; i < pairs; i++) low[i] =
          vcombine_u8(vld1_u8(rows[2 * i] + offset), vld1_u8(rows[2 * i + 1] + offset));
      multiply_step(weights, panel_bytes, low, pairs, panels, sums);
      weights += 64;
    }
  }
}

/// Four channels of one row of a pair.
OPERATION int32x4_t row_of(int32x4_t left, int32x4_t right, const int row) {
  const int64x2_t a = vreinterpretq_s64_s32(left), b = vreinterpretq_s64_s32(right);
  return vreinterpretq_s32_s64(row == 0 ? vzip1q_s64(a, b) : vzip2q_s64(a, b));
}

OPERATION void store_row(uint8_t *output, uint8x16_t bytes, const size_t width, size_t count) {
  uint8_t buffer[16];
  if (count < width) {
    vst1q_u8(buffer, bytes);
    memcpy(output, buffer, count);
  } else if (width == 16) {
    vst1q_u8(output, bytes);
  } else {
    vst1_u8(output, vget_low_u8(bytes));
  }
}

OPERATION void tile_body(const swl_q8_tile *t, const uint8_t *panel, size_t first, const int pairs, const int panels) {
  int32x4_t sums[PAIRS][8];
  UNROLL for (int c = 0; c < 4 * panels; c++) {
    const int32x2_t pair = vreinterpret_s32_u8(vld1_u8(panel + (c < 4 ? 0 : t->panel_bytes) + 8 * (c % 4)));
    UNROLL for (int i = 0; i < pairs; i++) sums[i][c] = vcombine_s32(pair, pair);
  }
  multiply(t, panel + 8 * LANES, pairs, panels, sums);
  float32x4_t scales[4];
  UNROLL for (int v = 0; v < 4; v++) {
    const uint8_t *header = panel + (v < 2 || panels == 1 ? 0 : t->panel_bytes);
    scales[v] = vreinterpretq_f32_s32(load_128(header + 4 * LANES + 16 * (v % 2)));
  }
  const size_t width = (size_t)panels * LANES, left = t->channels - first, count = left < width ? left : width;
  const swl_q8_output q = t->requantization;
  uint8_t *output = t->output + first;
  UNROLL for (int i = 0; i < pairs; i++) {
    UNROLL for (int r = 0; r < 2; r++) {
      if ((size_t)(2 * i + r) == t->row_count)
        break;
      const int32x4_t correction = vdupq_n_s32(t->corrected ? t->corrections[2 * i + r] : 0);
      int32x4_t numbers[4];
      UNROLL for (int v = 0; v < 2 * panels; v++) {
        const int32x4_t sum = vaddq_s32(row_of(sums[i][2 * v], sums[i][2 * v + 1], r), correction);
        numbers[v] = integers_128(sum, scales[v], &q);
      }
      if (panels == 1)
        numbers[2] = numbers[3] = numbers[0];
      store_row(output, vreinterpretq_u8_s32(bytes_128(numbers[0], numbers[1], numbers[2], numbers[3], &q)), width,
                count);
      output += t->output_stride;
    }
  }
}

#define EACH_PAIR_COUNT(M, P) M(1, P) M(2, P) M(3, P)
#define TILE(I, P)                                                                                                     \
  TARGET static void tile_##I##x##P(const swl_q8_tile *t, const uint8_t *panel, size_t first) {                        \
    tile_body(t, panel, first, I, P);                                                                                  \
  }
EACH_PAIR_COUNT(TILE, 1)
EACH_PAIR_COUNT(TILE, 2)

typedef void (*tile_function)(const swl_q8_tile *t, const uint8_t *panel, size_t first);
#define ENTRY(I, P) tile_##I##x##P,
static const tile_function one_panel[PAIRS] = {EACH_PAIR_COUNT(ENTRY, 1)};
static const tile_function two_panels[PAIRS] = {EACH_PAIR_COUNT(ENTRY, 2)};

static void run_tile(const swl_q8_tile *t) {
  const size_t pairs = (t->row_count + 1) / 2;
  const uint8_t *panel = t->panels;
  size_t first = 0;
  for (; first + LANES < t->channels; first += 2 * LANES, panel += 2 * t->panel_bytes)
    two_panels[pairs - 1](t, panel, first);
  if (first < t->channels)
    one_panel[pairs - 1](t, panel, first);
}
