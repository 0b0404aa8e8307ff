// The GEMM tiles of AMX. A register of tiles holds 16 rows of 64 bytes: activations of 16 pixels and 64 bytes of depth,
// weights of 16 lanes of depth and 16 channels, as a panel has them, or 16 x 16 sums. The including file defines
// MULTIPLY and UNSIGNED, whether activations are unsigned.
//
// One tile of activations serves up to four panels. A product takes 16 cycles and a load 8, so that the loads of
// weights hide behind the products. Activations are read where they lie if the distance between rows is the same for
// all, and are copied elsewhere.
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,amx-tile,amx-int8")))
#include "q8_gemm_512.h"
#include "q8_gemm_rare.h"
#include "tile_configuration.h"

enum { HEIGHT = 16, TILE_BYTES = 64, SUMS = 0, ACTIVATIONS = 4, WEIGHTS = 5, LAST_ACTIVATIONS = 6, LAST_WEIGHTS = 7 };

TARGET static void begin(const swl_q8_tile *t) {
  swl_tile_configuration c = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    c.row_bytes[i] = TILE_BYTES;
    c.rows[i] = HEIGHT;
  }
  const size_t left = t->segment_lanes % HEIGHT;
  if (left > 0) {
    c.row_bytes[LAST_ACTIVATIONS] = (uint16_t)(4 * left);
    c.rows[LAST_WEIGHTS] = (uint8_t)left;
  }
  _tile_loadconfig(&c);
}

TARGET static void end(void) { _tile_release(); }

/// The activations of a tile: `HEIGHT` rows with `pitch` bytes between them, and `step` from one segment to the next,
/// or 0 where segments lie as the tile says.
typedef struct block {
  const uint8_t *start;
  size_t pitch, step;
} block;

TARGET static block gather(const swl_q8_tile *t) {
  const size_t width = 4 * t->segment_lanes, step = swl_q8_align(width), pitch = t->segment_count * step;
  for (size_t r = 0; r < t->row_count; r++) {
    for (size_t s = 0; s < t->segment_count; s++) {
      const uint8_t *const in = t->rows[r] + t->segments[s];
      uint8_t *const out = t->gathered + r * pitch + s * step;
      size_t i = 0;
      for (; i + TILE_BYTES <= width; i += TILE_BYTES)
        _mm512_storeu_si512(out + i, _mm512_loadu_si512(in + i));
      const __mmask16 rest = (__mmask16)((1u << (width - i) / 4) - 1);
      _mm512_mask_storeu_epi32(out + i, rest, _mm512_maskz_loadu_epi32(rest, in + i));
    }
  }
  return (block){t->gathered, pitch, step};
}

TARGET static block activations(const swl_q8_tile *t) {
  if (t->row_count < HEIGHT)
    return gather(t);
  const ptrdiff_t pitch = t->rows[1] - t->rows[0];
  bool is_regular = pitch > 0;
  for (size_t r = 2; r < HEIGHT; r++)
    is_regular &= t->rows[r] - t->rows[r - 1] == pitch;
  return is_regular ? (block){t->rows[0], (size_t)pitch, 0} : gather(t);
}

#define EACH_PANEL(P, M)                                                                                               \
  M(0);                                                                                                                \
  if (P > 1) {                                                                                                         \
    M(1);                                                                                                              \
  }                                                                                                                    \
  if (P > 2) {                                                                                                         \
    M(2);                                                                                                              \
    M(3);                                                                                                              \
  }

/// sums[r * P * LANES + c] of row r and channel c of `P` panels: 1, 2 or 4.
VECTOR_FUNCTION void multiply(const swl_q8_tile *t, const uint8_t *panel, block a, const int P, int32_t *sums) {
  const size_t panel_bytes = t->panel_bytes;
  const uint8_t *weights = panel + SWL_Q8_PANEL_HEADER(false) * LANES;
  // A pitch of 0: every row of sums starts as the biases.
#define START(p) _tile_loadd(SUMS + p, panel + p * panel_bytes, 0)
  EACH_PANEL(P, START)
  for (size_t s = 0; s < t->segment_count; s++) {
    const uint8_t *row = a.start + (a.step > 0 ? (ptrdiff_t)(s * a.step) : t->segments[s]);
    size_t left = t->segment_lanes;
    for (; left >= HEIGHT; left -= HEIGHT, row += TILE_BYTES, weights += HEIGHT * TILE_BYTES) {
      _tile_loadd(ACTIVATIONS, row, a.pitch);
#define ADD(p)                                                                                                         \
  _tile_loadd(WEIGHTS, weights + p * panel_bytes, TILE_BYTES);                                                         \
  MULTIPLY(SUMS + p, ACTIVATIONS, WEIGHTS)
      EACH_PANEL(P, ADD)
    }
    if (left > 0) {
      _tile_loadd(LAST_ACTIVATIONS, row, a.pitch);
#define ADD_LAST(p)                                                                                                    \
  _tile_loadd(LAST_WEIGHTS, weights + p * panel_bytes, TILE_BYTES);                                                    \
  MULTIPLY(SUMS + p, LAST_ACTIVATIONS, LAST_WEIGHTS)
      EACH_PANEL(P, ADD_LAST)
      weights += left * TILE_BYTES;
    }
  }
#define STORE(p) _tile_stored(SUMS + p, sums + p * LANES, (size_t)P * 4 * LANES)
  EACH_PANEL(P, STORE)
}

/// Adds the correction of each row.
TARGET static void correct(const swl_q8_tile *t, size_t panels, int32_t *sums) {
  for (size_t r = 0; r < t->row_count; r++) {
    const vector correction = v_splat(t->corrections[r]);
    for (size_t p = 0; p < panels; p++, sums += LANES)
      v_store(sums, v_add(v_load(sums), correction));
  }
}

VECTOR_FUNCTION void run_panels(const swl_q8_tile *t, const uint8_t *panel, size_t first, block a, const int P) {
  int32_t sums[HEIGHT * 4 * LANES] __attribute__((aligned(64)));
  multiply(t, panel, a, P, sums);
  if (t->corrected)
    correct(t, (size_t)P, sums);
  const swl_q8_output q = t->requantization;
  const size_t rows = t->row_count, width = (size_t)P * LANES;
  if (q.may_overflow) {
    finish_slowly(t, panel, first, sums, rows, (size_t)P);
    return;
  }
  const bool full = t->channels - first >= width;
  uint8_t buffer[HEIGHT * 4 * LANES];
  uint8_t *target = full ? t->output + first : buffer;
  const size_t stride = full ? t->output_stride : width;
  scales f[4];
  for (int i = 0; i < 4; i++)
    f[i] = f_load(panel + (size_t)(i % P) * t->panel_bytes + 4 * LANES);
  // Sums of 4 / P rows fill a vector of bytes. Those behind the last row are not stored.
  for (size_t r = 0; r < rows; r += 4 / (size_t)P) {
    const int32_t *s = sums + r * width;
    const bytes b =
        narrow(v_load(s), v_load(s + LANES), v_load(s + 2 * LANES), v_load(s + 3 * LANES), f[0], f[1], f[2], f[3], &q);
    for (int i = 0; i < 4 / P && r + (size_t)i < rows; i++, target += stride)
      store_part(target, b, i * P, P);
  }
  if (!full)
    copy_part(t, buffer, first, rows, width);
}

#define TILE(P)                                                                                                        \
  TARGET static void run_panels_##P(const swl_q8_tile *t, const uint8_t *panel, size_t first, block a) {               \
    run_panels(t, panel, first, a, P);                                                                                 \
  }
TILE(1)
TILE(2)
TILE(4)

TARGET static void run_tile(const swl_q8_tile *t) {
  const block a = activations(t);
  const uint8_t *panel = t->panels;
  size_t first = 0;
  for (; first + 3 * LANES < t->channels; first += 4 * LANES, panel += 4 * t->panel_bytes)
    run_panels_4(t, panel, first, a);
  for (; first + LANES < t->channels; first += 2 * LANES, panel += 2 * t->panel_bytes)
    run_panels_2(t, panel, first, a);
  if (first < t->channels)
    run_panels_1(t, panel, first, a);
}

/// Of signed bytes: of unsigned ones 128 higher, less as much for each.
static void row_sums(const swl_q8_tile *t, size_t segment_bytes, int32_t *sums) {
#if UNSIGNED
  swl_q8_row_sums__avx512vnni(t, segment_bytes, sums);
#else
  swl_q8_tile flipped = *t;
  flipped.activation_flip ^= 0x80;
  swl_q8_row_sums__avx512vnni(&flipped, segment_bytes, sums);
  for (size_t r = 0; r < t->row_count; r++)
    sums[r] -= (int32_t)(128 * t->segment_count * segment_bytes);
#endif
}

#define AMX_GEMM                                                                                                       \
  {                                                                                                                    \
    .lanes = LANES, .row_limit = HEIGHT, .row_step = HEIGHT, .step = 4, .wide = false,                                 \
    .unsigned_activations = UNSIGNED, .tile = run_tile, .begin = begin, .end = end, .row_sums = row_sums,              \
  }
