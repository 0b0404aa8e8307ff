// The body of the 8-bit GEMM tiles, written over a few vector operations that the including file defines:
//
//   TARGET                      function attribute that enables the instructions
//   LANES, ROWS                 32-bit lanes of a vector; most rows of a tile
//   vector, scales              vectors of int32 and of float32
//   v_load, v_store, v_splat, v_xor, v_add, v_dot, f_load
//   narrow(a, b, c, d, sa, sb, sc, sd, q)   requantizes four vectors to 4 * LANES bytes in order
//   store_part(p, b, part, P)         stores P * LANES of them, from the part'th quarter on
//   FLIPPING                          whether activations are flipped while they are loaded
//   v_hidden(a)                       `a`, of which the compiler does not know that its lanes are equal
//   BY_LANE                           whether v_dot_lane(sum, a, w, i) exists, where lane i of `a` serves for all;
//   v_dot
//                                     then reads lane 0 alone, which is all that v_word(number) sets
//   WIDE                              whether activations and output are int16; narrow and store_part are then replaced
//   by store_words(p, a, scales, q)      requantizes one vector with LANES scales and biases, doubles, to LANES int16
//   store_short_words(p, a, scales, q)   the same with multipliers and shifts, where SHORT says that it exists
//   EACH_ROW_COUNT(M, P)              M(R, P) for all row counts of swl_q8_gemm; EACH_LOW_ROW_COUNT up to ROWS / 2
//
// A tile with R rows and P panels keeps R * P accumulators in registers.

#define UNROLL _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline)) TARGET

#if !BY_LANE
#define v_word v_splat
#else
/// As many lanes of depth as a vector has: one load of each row serves them all. Weights are loaded one vector ahead,
/// in this order, so that cores which issue in order find a product beside each load.
INLINE void multiply_lanes(const uint8_t *const rows[ROWS], const uint8_t *weights, size_t panel_bytes,
                           ptrdiff_t offset, const int R, const int P, const bool flipped, const vector flip,
                           vector accumulators[ROWS][4]) {
  vector a[ROWS], w = v_load(weights);
  UNROLL for (int r = 0; r < R; r++) {
    a[r] = v_load(rows[r] + offset);
    if (flipped)
      a[r] = v_xor(a[r], flip);
  }
  UNROLL for (int k = 0; k < LANES * P; k++) {
    const int next = k + 1 < LANES * P ? k + 1 : k;
    const vector ahead = v_load(weights + (size_t)(next % P) * panel_bytes + next / P * 4 * LANES);
    __asm__ volatile("" ::: "memory");
    UNROLL for (int r = 0; r < R; r++) accumulators[r][k % P] = v_dot_lane(accumulators[r][k % P], a[r], w, k / P);
    w = ahead;
  }
}
#endif

/// The products of activations from `offset` to `end` of every row; returns the weights behind them.
INLINE const uint8_t *multiply_run(const swl_q8_tile *t, const uint8_t *weights, ptrdiff_t offset, const ptrdiff_t end,
                                   const int R, const int P, const bool flipped, const vector flip,
                                   vector accumulators[ROWS][4]) {
#if BY_LANE
  const uint8_t *rows[ROWS];
  UNROLL for (int r = 0; r < R; r++) rows[r] = t->rows[r];
  const size_t panel_bytes = t->panel_bytes;
  for (; end - offset >= 4 * LANES; offset += 4 * LANES, weights += 4 * LANES * LANES)
    multiply_lanes(rows, weights, panel_bytes, offset, R, P, flipped, flip, accumulators);
#endif
  for (; offset < end; offset += 4, weights += 4 * LANES) {
    vector w[4];
    UNROLL for (int p = 0; p < P; p++) w[p] = v_load(weights + (size_t)p * t->panel_bytes);
    UNROLL for (int r = 0; r < R; r++) {
      vector a = v_word(swl_q8_load32(t->rows[r] + offset));
      if (flipped)
        a = v_xor(a, flip);
      UNROLL for (int p = 0; p < P; p++) accumulators[r][p] = v_dot(accumulators[r][p], a, w[p]);
    }
  }
  return weights;
}

#if !BY_LANE
/// The same of a single row and few panels: four sums for each, so that products do not wait for each other.
INLINE const uint8_t *multiply_row(const swl_q8_tile *t, const uint8_t *weights, ptrdiff_t offset, const ptrdiff_t end,
                                   const int P, const bool flipped, const vector flip, vector accumulators[ROWS][4]) {
  enum { CHAINS = 4 };
  vector parts[CHAINS][2];
  UNROLL for (int c = 1; c < CHAINS; c++) { UNROLL for (int p = 0; p < P; p++) parts[c][p] = v_splat(0); }
  UNROLL for (int p = 0; p < P; p++) parts[0][p] = accumulators[0][p];
  for (; end - offset >= 4 * CHAINS; offset += 4 * CHAINS) {
    UNROLL for (int c = 0; c < CHAINS; c++, weights += 4 * LANES) {
      vector a = v_word(swl_q8_load32(t->rows[0] + offset + 4 * c));
      if (flipped)
        a = v_xor(a, flip);
      UNROLL for (int p = 0; p < P; p++) parts[c][p] =
          v_dot(parts[c][p], a, v_load(weights + (size_t)p * t->panel_bytes));
    }
  }
  UNROLL for (int p = 0; p < P; p++) accumulators[0][p] =
      v_add(v_add(parts[0][p], parts[1][p]), v_add(parts[2][p], parts[3][p]));
  return multiply_run(t, weights, offset, end, 1, P, flipped, flip, accumulators);
}
#endif

INLINE void multiply(const swl_q8_tile *t, const uint8_t *panel, const int R, const int P, const bool flipped,
                     vector accumulators[ROWS][4]) {
  const vector flip = v_hidden(v_splat((int32_t)0x80808080u));
  const uint8_t *weights = panel + SWL_Q8_PANEL_HEADER(WIDE) * LANES;
  for (size_t s = 0; s < t->segment_count; s++) {
    const ptrdiff_t offset = t->segments[s], end = offset + (ptrdiff_t)(4 * t->segment_lanes);
#if !BY_LANE
    if (!WIDE && R == 1 && P <= 2) {
      weights = multiply_row(t, weights, offset, end, P, flipped, flip, accumulators);
      continue;
    }
#endif
    weights = multiply_run(t, weights, offset, end, R, P, flipped, flip, accumulators);
  }
}

INLINE void accumulate(const swl_q8_tile *t, const uint8_t *panel, const int R, const int P,
                       vector accumulators[ROWS][4]) {
  UNROLL for (int p = 0; p < P; p++) {
    const vector bias = v_load(panel + (size_t)p * t->panel_bytes);
    UNROLL for (int r = 0; r < R; r++) accumulators[r][p] = bias;
  }
  if (t->corrected) {
    UNROLL for (int r = 0; r < R; r++) {
      const vector correction = v_splat(t->corrections[r]);
      UNROLL for (int p = 0; p < P; p++) accumulators[r][p] = v_add(accumulators[r][p], correction);
    }
  }
  if (FLIPPING && t->activation_flip != 0)
    multiply(t, panel, R, P, true, accumulators);
  else
    multiply(t, panel, R, P, false, accumulators);
}

#if WIDE

/// Sums of 255 lanes stay in the range of int32, whatever the numbers; what they add up to need not.
static void tile_long(const swl_q8_tile *t, const uint8_t *panel, size_t first, size_t row);

INLINE void store_requantized(uint8_t *p, vector a, const uint8_t *scale, const swl_q8_output *q, const bool is_short) {
#if SHORT
  if (is_short) {
    store_short_words(p, a, scale, q);
    return;
  }
#else
  (void)is_short;
#endif
  store_words(p, a, scale, q);
}

INLINE void finish_panels(const swl_q8_tile *t, const uint8_t *panel, size_t first, size_t rows, size_t panels,
                          const vector *sums, const bool is_short) {
  const swl_q8_output q = t->requantization;
  const size_t channels = t->channels, stride = 2 * t->output_stride, panel_bytes = t->panel_bytes;
  uint8_t *output = t->output + 2 * first;
  for (size_t p = 0; p < panels; p++, first += LANES, output += 2 * LANES) {
    uint8_t scale[16 * LANES]; // a copy that the output cannot overlap, so it is read once for all rows
    memcpy(scale, panel + p * panel_bytes + 4 * LANES, sizeof scale);
    uint8_t *target = output;
    const vector *sum = sums + p;
    if (channels - first >= LANES) {
      for (size_t r = 0; r < rows; r++, target += stride, sum += panels)
        store_requantized(target, *sum, scale, &q, is_short);
      continue;
    }
    for (size_t r = 0; r < rows; r++, target += stride, sum += panels) {
      uint8_t buffer[2 * LANES];
      store_requantized(buffer, *sum, scale, &q, is_short);
      memcpy(target, buffer, 2 * (channels - first));
    }
  }
}

/// Requantizes the sums of a tile, row by row. One function for all sizes of tiles: written out for each, it would be
/// most of the library, and the way through memory costs little beside the products.
TARGET static __attribute__((noinline)) void finish(const swl_q8_tile *t, const uint8_t *panel, size_t first,
                                                    size_t rows, size_t panels, const vector *sums) {
  if (t->is_short)
    finish_panels(t, panel, first, rows, panels, sums, true);
  else
    finish_panels(t, panel, first, rows, panels, sums, false);
}

INLINE void tile_body(const swl_q8_tile *t, const uint8_t *panel, size_t first, const int R, const int P) {
  if (t->is_long) {
    for (size_t p = 0; p < (size_t)P; p++) {
      for (size_t r = 0; r < (size_t)R; r++)
        tile_long(t, panel + p * t->panel_bytes, first + p * LANES, r);
    }
    return;
  }
  vector a[ROWS][4], sums[ROWS * 4];
  accumulate(t, panel, R, P, a);
  UNROLL for (int r = 0; r < R; r++) { UNROLL for (int p = 0; p < P; p++) sums[r * P + p] = a[r][p]; }
  finish(t, panel, first, (size_t)R, (size_t)P, sums);
}

TARGET static void tile_long(const swl_q8_tile *t, const uint8_t *panel, size_t first, size_t row) {
  int64_t sums[LANES] = {0};
  swl_q8_tile one = *t;
  one.rows[0] = t->rows[row];
  const uint8_t *weights = panel + SWL_Q8_PANEL_HEADER(WIDE) * LANES;
  for (size_t s = 0; s < t->segment_count; s++) {
    ptrdiff_t offset = t->segments[s];
    const ptrdiff_t end = offset + (ptrdiff_t)(4 * t->segment_lanes);
    while (offset < end) {
      const ptrdiff_t next = end - offset > 4 * 255 ? offset + 4 * 255 : end;
      vector a[ROWS][4];
      int32_t part[LANES];
      a[0][0] = v_splat(0);
      weights = multiply_run(&one, weights, offset, next, 1, 1, false, a[0][0], a);
      v_store(part, a[0][0]);
      for (size_t c = 0; c < LANES; c++)
        sums[c] += part[c];
      offset = next;
    }
  }
  int16_t *output = (int16_t *)(void *)t->output + row * t->output_stride + first;
  for (size_t c = 0; c < LANES && first + c < t->channels; c++) {
    double scale, bias;
    memcpy(&scale, panel + 4 * LANES + 8 * c, sizeof scale);
    memcpy(&bias, panel + 12 * LANES + 8 * c, sizeof bias);
    output[c] = swl_q8_requantize_wide((double)sums[c] + bias, scale, &t->requantization);
  }
}

#else

#include "q8_gemm_rare.h"

INLINE void tile_body(const swl_q8_tile *t, const uint8_t *panel, size_t first, const int R, const int P) {
  vector a[ROWS][4];
  accumulate(t, panel, R, P, a);
  const swl_q8_output q = t->requantization;
  if (q.may_overflow) {
    int32_t sums[ROWS * 4 * LANES];
    UNROLL for (int r = 0; r < R; r++) {
      UNROLL for (int p = 0; p < P; p++) v_store(sums + (r * P + p) * LANES, a[r][p]);
    }
    finish_slowly(t, panel, first, sums, (size_t)R, (size_t)P);
    return;
  }
  scales f[4];
  UNROLL for (int p = 0; p < P; p++) f[p] = f_load(panel + (size_t)p * t->panel_bytes + 4 * LANES);
  const size_t width = (size_t)(P * LANES), left = t->channels - first, output_stride = t->output_stride;
  const bool full = left >= width;
  uint8_t buffer[ROWS * 4 * LANES], *const output = t->output + first;
  uint8_t *const target = full ? output : buffer;
  const size_t stride = full ? output_stride : width;
  const int together = P > 2 ? 1 : 4 / P;
  UNROLL for (int r = 0; r < R; r += together) {
    const int r1 = r + 1 < R ? r + 1 : r, r2 = r + 2 < R ? r + 2 : r, r3 = r + 3 < R ? r + 3 : r;
    bytes b;
    if (P == 4)
      b = narrow(a[r][0], a[r][1], a[r][2], a[r][3], f[0], f[1], f[2], f[3], &q);
    else if (P == 2)
      b = narrow(a[r][0], a[r][1], a[r1][0], a[r1][1], f[0], f[1], f[0], f[1], &q);
    else
      b = narrow(a[r][0], a[r1][0], a[r2][0], a[r3][0], f[0], f[0], f[0], f[0], &q);
    UNROLL for (int i = 0; i < together && r + i < R; i++)
        store_part(target + (size_t)(r + i) * stride, b, i * P % 4, P);
  }
  if (!full)
    copy_part(t, buffer, first, (size_t)R, width);
}

#endif

#define TILE(R, P)                                                                                                     \
  TARGET static void tile_##R##x##P(const swl_q8_tile *t, const uint8_t *panel, size_t first) {                        \
    tile_body(t, panel, first, R, P);                                                                                  \
  }

EACH_ROW_COUNT(TILE, 1)
EACH_ROW_COUNT(TILE, 2)
EACH_LOW_ROW_COUNT(TILE, 4)

typedef void (*tile_function)(const swl_q8_tile *t, const uint8_t *panel, size_t first);
#define ENTRY(R, P) [R - 1] = tile_##R##x##P,
static const tile_function one_panel[ROWS] = {EACH_ROW_COUNT(ENTRY, 1)};
static const tile_function two_panels[ROWS] = {EACH_ROW_COUNT(ENTRY, 2)};
static const tile_function four_panels[ROWS / 2] = {EACH_LOW_ROW_COUNT(ENTRY, 4)};

static void run_tile(const swl_q8_tile *t) {
  const uint8_t *panel = t->panels;
  size_t first = 0;
  if (t->row_count <= ROWS / 2) {
    for (; first + 3 * LANES < t->channels; first += 4 * LANES, panel += 4 * t->panel_bytes)
      four_panels[t->row_count - 1](t, panel, first);
  }
  for (; first + LANES < t->channels; first += 2 * LANES, panel += 2 * t->panel_bytes)
    two_panels[t->row_count - 1](t, panel, first);
  if (first < t->channels)
    one_panel[t->row_count - 1](t, panel, first);
}
