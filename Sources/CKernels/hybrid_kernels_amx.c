// The hybrid tiles of AMX, on the panels of AVX512: 16 words of 16 columns are a tile of weights. Up to 32 rows and 32
// columns are summed at once in the first four tile registers.
#if defined(__x86_64__)

#include "f32_vector_avx512.h"
#include "hybrid_kernels.h"
#include "tile_configuration.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,amx-tile,amx-int8")))
#define BODY static inline __attribute__((always_inline)) TARGET

enum { SUMS = 0, INPUT = 4, WEIGHTS = 5, LAST_INPUT = 6, LAST_WEIGHTS = 7, ROW_BYTES = 64 };
enum { HEIGHT = 16, LANES = 16, TILE_SUMS = HEIGHT * LANES };

/// Sums and inputs have `rows` rows, weights one for each word; the last chunk of a segment has `left` words.
TARGET static void configure(size_t rows, size_t left) {
  swl_tile_configuration c = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    c.row_bytes[i] = ROW_BYTES;
    c.rows[i] = (uint8_t)rows;
  }
  c.rows[WEIGHTS] = HEIGHT;
  if (left > 0) {
    c.row_bytes[LAST_INPUT] = (uint16_t)(4 * left);
    c.rows[LAST_WEIGHTS] = (uint8_t)left;
  }
  _tile_loadconfig(&c);
}

/// Rows that lie at one distance from each other.
typedef struct stretch {
  size_t begin, end;
  ptrdiff_t pitch;
} stretch;

static stretch stretch_from(const unsigned char *const *rows, size_t begin, size_t count) {
  stretch s = {begin, begin + 1, 0};
  if (s.end < count)
    s.pitch = rows[s.end] - rows[begin];
  while (s.end < count && rows[s.end] - rows[s.end - 1] == s.pitch)
    s.end++;
  return s;
}

/// What AVX512 does to the sums of a tile, here of `P` tiles. The columns of a row are written together, since caches
/// fetch lines in pairs.
BODY void finish(const swl_hybrid_run *run, const int32_t *sums, size_t first, size_t count, const int P) {
  const vf16 minimum = vf16_splat(run->minimum), maximum = vf16_splat(run->maximum);
  vf16 scales[2], bias[2];
  __m512i weight_sums[2];
  for (int p = 0; p < P; p++) {
    scales[p] = vf16_load(run->scales + p * LANES);
    bias[p] = vf16_load(run->bias + p * LANES);
    weight_sums[p] = _mm512_loadu_si512(run->sums + p * LANES);
  }
  const size_t width = run->columns, group_stride = run->group_stride, output_stride = run->output_stride;
  const swl_hybrid_group *group = run->group + first * group_stride;
  float *output = run->output + first * output_stride;
  for (size_t r = 0; r < count; r++, sums += LANES, output += output_stride, group += group_stride) {
    const vf16 scale = vf16_splat(group->scale);
    const __m512i zero = _mm512_set1_epi32(group->zero);
    for (int p = 0; p < P; p++) {
      const __m512i sum = _mm512_load_si512(sums + 2 * p * TILE_SUMS);
      const __m512i moved = _mm512_sub_epi32(sum, _mm512_mullo_epi32(weight_sums[p], zero));
      const vf16 result = vf16_fma(vf16_mul(_mm512_cvtepi32_ps(moved), scale), scales[p], bias[p]);
      vf16_store_part(output + p * LANES, vf16_clamp(result, minimum, maximum), width - (size_t)p * LANES);
    }
  }
}

#define ADD_CHUNK(A, W)                                                                                                \
  {                                                                                                                    \
    _tile_loadd(W, weights, row_bytes);                                                                                \
    _tile_loadd(A, input[0] + offset, pitch);                                                                          \
    _tile_dpbusd(SUMS, A, W);                                                                                          \
    if (M > 1) {                                                                                                       \
      _tile_loadd(A, input[1] + offset, pitch);                                                                        \
      _tile_dpbusd(SUMS + 1, A, W);                                                                                    \
    }                                                                                                                  \
    if (P > 1) {                                                                                                       \
      _tile_loadd(W, weights + ROW_BYTES, row_bytes);                                                                  \
      if (M > 1) {                                                                                                     \
        _tile_dpbusd(SUMS + 3, A, W);                                                                                  \
        _tile_loadd(A, input[0] + offset, pitch);                                                                      \
      }                                                                                                                \
      _tile_dpbusd(SUMS + 2, A, W);                                                                                    \
    }                                                                                                                  \
  }

/// `M` times `count` rows, from each of `first` on, and `P` times 16 columns.
BODY void multiply(const swl_hybrid_run *run, const size_t *first, size_t count, ptrdiff_t pitch, const int M,
                   const int P) {
  const unsigned char *const input[] = {run->rows[first[0]], run->rows[first[M - 1]]};
  const int8_t *weights = run->weights;
  const size_t row_bytes = (size_t)P * ROW_BYTES;
  _tile_zero(SUMS);
  _tile_zero(SUMS + 1);
  _tile_zero(SUMS + 2);
  _tile_zero(SUMS + 3);
  for (size_t s = 0; s < run->segment_count; s++) {
    size_t offset = run->segments[s], left = run->segment_words;
    for (; left >= HEIGHT; left -= HEIGHT, offset += ROW_BYTES, weights += HEIGHT * row_bytes)
      ADD_CHUNK(INPUT, WEIGHTS)
    if (left > 0) {
      ADD_CHUNK(LAST_INPUT, LAST_WEIGHTS)
      weights += left * row_bytes;
    }
  }
  int32_t sums[4][TILE_SUMS] __attribute__((aligned(64)));
  _tile_stored(SUMS, sums[0], ROW_BYTES);
  if (M > 1) {
    _tile_stored(SUMS + 1, sums[1], ROW_BYTES);
  }
  if (P > 1) {
    _tile_stored(SUMS + 2, sums[2], ROW_BYTES);
  }
  if (M > 1 && P > 1) {
    _tile_stored(SUMS + 3, sums[3], ROW_BYTES);
  }
  for (int m = 0; m < M; m++)
    finish(run, sums[m], first[m], count, P);
}

/// The last tile of a stretch overlaps the one before, which costs less than one of few rows.
BODY void run_tiles(const swl_hybrid_run *run, size_t rows, const int P) {
  for (size_t row = 0; row < rows;) {
    const stretch s = stretch_from(run->rows, row, rows);
    const size_t length = s.end - s.begin, count = length < HEIGHT ? length : HEIGHT;
    if (count != *run->configured)
      configure(count, run->segment_words % HEIGHT);
    *run->configured = count;
    for (; row < s.end; row += 2 * count) {
      const size_t last = s.end - count;
      const size_t first[2] = {row < last ? row : last, row + count < last ? row + count : last};
      if (row < last)
        multiply(run, first, count, s.pitch, 2, P);
      else
        multiply(run, first, count, s.pitch, 1, P);
    }
    row = s.end;
  }
}

static bool is_even(const unsigned char *const *rows) { return rows[2] - rows[1] == rows[1] - rows[0]; }

/// Whether most of a tile would be empty, as it is in pictures of two columns, or tiles take longer to configure and to
/// read back than AVX512 to multiply.
static bool is_small(const swl_hybrid_run *run, size_t rows) {
  const size_t words = run->segment_count * run->segment_words;
  return rows < 5 || run->segment_words < 8 || words < 12 || rows * words < 1024 ||
         !(is_even(run->rows) || is_even(run->rows + 2));
}

TARGET void swl_hybrid_tile_32__amx(const swl_hybrid_run *run, size_t rows) {
  if (is_small(run, rows))
    swl_hybrid_kernels__avx512vnni.tile[0](run, rows);
  else
    run_tiles(run, rows, 2);
}

TARGET void swl_hybrid_tile_16__amx(const swl_hybrid_run *run, size_t rows) {
  if (is_small(run, rows))
    swl_hybrid_kernels__avx512vnni.tile[1](run, rows);
  else
    run_tiles(run, rows, 1);
}

TARGET void swl_hybrid_end__amx(void) { _tile_release(); }

#endif
