// bfloat16 on AMX. Up to 16 pixels and two panels of channels, or one panel and more pixels, are summed at once in the
// first four tile registers.
#if defined(__x86_64__)

#include "bf16_kernels.h"
#include "f32_vector_avx512.h"
#include "tile_configuration.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16")))
#define BODY static inline __attribute__((always_inline)) TARGET

enum { SUMS = 0, ACTIVATIONS = 4, WEIGHTS = 5, LAST_ACTIVATIONS = 6, LAST_WEIGHTS = 7, ROW_BYTES = 64 };

/// Sums and activations have a row for each pixel, weights one for each pair; the last chunk of a stretch has `left`.
TARGET static void configure(size_t pixels, size_t left) {
  swl_tile_configuration c = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    c.row_bytes[i] = ROW_BYTES;
    c.rows[i] = (uint8_t)pixels;
  }
  c.rows[WEIGHTS] = SWL_BF16_CHUNK_PAIRS;
  if (left > 0) {
    c.row_bytes[LAST_ACTIVATIONS] = (uint16_t)(4 * left);
    c.rows[LAST_WEIGHTS] = (uint8_t)left;
  }
  _tile_loadconfig(&c);
}

/// Register SUMS + index is that of tile `m` and panel `p`: neighbours share the activations or the weights.
#define EACH_SUM(M, P, DO)                                                                                             \
  DO(0, 0, 0);                                                                                                         \
  if (M > 1) {                                                                                                         \
    DO(1, 1, 0);                                                                                                       \
  }                                                                                                                    \
  if (M > 2) {                                                                                                         \
    DO(2, 2, 0);                                                                                                       \
  }                                                                                                                    \
  if (M > 3) {                                                                                                         \
    DO(3, 3, 0);                                                                                                       \
  }                                                                                                                    \
  if (P > 1) {                                                                                                         \
    DO(2, 0, 1);                                                                                                       \
  }                                                                                                                    \
  if (P > 1 && M > 1) {                                                                                                \
    DO(3, 1, 1);                                                                                                       \
  }

#define LOAD_BIAS(index, m, p) _tile_loadd(SUMS + index, panel + p * run->panel_bytes, 0)
#define STORE_SUM(index, m, p) _tile_stored(SUMS + index, sums[m][p], ROW_BYTES)

#define ADD_CHUNK(A, W)                                                                                                \
  {                                                                                                                    \
    _tile_loadd(W, weights, ROW_BYTES);                                                                                \
    _tile_loadd(A, tiles[0].input + offset, pitch);                                                                    \
    _tile_dpbf16ps(SUMS, A, W);                                                                                        \
    if (M > 1) {                                                                                                       \
      _tile_loadd(A, tiles[1].input + offset, pitch);                                                                  \
      _tile_dpbf16ps(SUMS + 1, A, W);                                                                                  \
    }                                                                                                                  \
    if (M > 2) {                                                                                                       \
      _tile_loadd(A, tiles[2].input + offset, pitch);                                                                  \
      _tile_dpbf16ps(SUMS + 2, A, W);                                                                                  \
    }                                                                                                                  \
    if (M > 3) {                                                                                                       \
      _tile_loadd(A, tiles[3].input + offset, pitch);                                                                  \
      _tile_dpbf16ps(SUMS + 3, A, W);                                                                                  \
    }                                                                                                                  \
    if (P > 1) {                                                                                                       \
      _tile_loadd(W, weights + run->panel_bytes, ROW_BYTES);                                                           \
      if (M > 1) {                                                                                                     \
        _tile_dpbf16ps(SUMS + 3, A, W);                                                                                \
        _tile_loadd(A, tiles[0].input + offset, pitch);                                                                \
      }                                                                                                                \
      _tile_dpbf16ps(SUMS + 2, A, W);                                                                                  \
    }                                                                                                                  \
  }

/// Clamps and stores the sums of one tile and one panel.
TARGET static __attribute__((noinline)) void finish(const swl_bf16_run *run, const float *sums, float *output,
                                                    size_t channels, size_t pixels) {
  const vf16 minimum = vf16_splat(run->minimum), maximum = vf16_splat(run->maximum);
  for (size_t r = 0; r < pixels; r++, sums += SWL_BF16_LANES, output += run->output_stride) {
    const vf16 clamped = vf16_clamp(vf16_load(sums), minimum, maximum);
    if (channels >= SWL_BF16_LANES)
      vf16_store(output, clamped);
    else
      vf16_store_part(output, clamped, channels);
  }
}

/// `M` tiles with `P` panels from channel `first` on.
BODY void multiply_block(const swl_bf16_run *run, const swl_bf16_tile *tiles, size_t pixels, size_t first, const int M,
                         const int P) {
  const unsigned char *panel = run->panels + first / SWL_BF16_LANES * run->panel_bytes;
  const unsigned char *weights = panel + ROW_BYTES;
  const size_t pitch = run->pixel_stride * sizeof(uint16_t);
  EACH_SUM(M, P, LOAD_BIAS)
  for (size_t outer = 0; outer < run->outer_count; outer++)
    for (size_t inner = 0; inner < run->inner_count; inner++) {
      size_t offset = outer * run->outer_stride + inner * run->inner_stride, left = run->pairs;
      for (; left >= SWL_BF16_CHUNK_PAIRS; left -= SWL_BF16_CHUNK_PAIRS) {
        ADD_CHUNK(ACTIVATIONS, WEIGHTS)
        offset += 2 * SWL_BF16_CHUNK_PAIRS;
        weights += SWL_BF16_CHUNK_PAIRS * ROW_BYTES;
      }
      if (left > 0) {
        ADD_CHUNK(LAST_ACTIVATIONS, LAST_WEIGHTS)
        weights += left * ROW_BYTES;
      }
    }
  float sums[4][2][SWL_BF16_TILE_PIXELS * SWL_BF16_LANES] __attribute__((aligned(64)));
  EACH_SUM(M, P, STORE_SUM)
  for (int m = 0; m < M; m++)
    for (int p = 0; p < P; p++) {
      const size_t channel = first + (size_t)p * SWL_BF16_LANES;
      finish(run, sums[m][p], tiles[m].output + channel, run->channels - channel, pixels);
    }
}

#define BLOCK(M, P)                                                                                                    \
  TARGET static void multiply_##M##x##P(const swl_bf16_run *run, const swl_bf16_tile *tiles, size_t pixels,            \
                                        size_t first) {                                                                \
    multiply_block(run, tiles, pixels, first, M, P);                                                                   \
  }
BLOCK(1, 1)
BLOCK(2, 1)
BLOCK(4, 1)
BLOCK(1, 2)
BLOCK(2, 2)

TARGET static void multiply(const swl_bf16_run *run, const swl_bf16_tile *tiles, size_t count, size_t pixels) {
  configure(pixels, run->pairs % SWL_BF16_CHUNK_PAIRS);
  size_t first = 0;
  for (; first + SWL_BF16_LANES < run->channels; first += 2 * SWL_BF16_LANES) {
    size_t i = 0;
    for (; i + 2 <= count; i += 2)
      multiply_2x2(run, tiles + i, pixels, first);
    if (i < count)
      multiply_1x2(run, tiles + i, pixels, first);
  }
  if (first < run->channels) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
      multiply_4x1(run, tiles + i, pixels, first);
    for (; i + 2 <= count; i += 2)
      multiply_2x1(run, tiles + i, pixels, first);
    if (i < count)
      multiply_1x1(run, tiles + i, pixels, first);
  }
  _tile_release();
}

TARGET static void convert(const float *input, size_t count, uint16_t *output) {
  size_t i = 0;
  for (; count - i >= 32; i += 32) {
    const __m512bh pair = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(input + i + 16), _mm512_loadu_ps(input + i));
    _mm512_storeu_si512(output + i, (__m512i)pair);
  }
  for (; i < count; i += 16) {
    const size_t left = count - i;
    const __m256bh half = _mm512_cvtneps_pbh(vf16_load_part(input + i, left));
    _mm256_mask_storeu_epi16(output + i, vf16_mask(left), (__m256i)half);
  }
}

const swl_bf16_kernels swl_bf16_kernels__amx = {.convert = convert, .multiply = multiply};

#endif
