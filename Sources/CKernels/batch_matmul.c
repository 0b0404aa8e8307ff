// Products of pairs of 16-bit numbers, summed in 32 bits: all of a sum for 8-bit operands, blocks of depth for others.
#include "elementwise_isa.h"
#include "swl_batch_matmul.h"
#include "transpose_words.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
  /// That many products of a 16-bit number and an 8-bit one are summed in 32 bits.
  DEPTH_BLOCK = 256,
  /// Columns whose sums live on the stack at a time.
  COLUMN_BLOCK = 256,
#if defined(__x86_64__)
  MOST_ROWS = 6,
#elif defined(__ARM_NEON)
  MOST_ROWS = 4,
#else
  MOST_ROWS = 1,
#endif
};

/// Pairs that `depth` values fill.
#define PAIRS(depth) ((depth) / 2 + (depth) % 2)

/// What the variants have.
typedef struct kernel {
  size_t lanes, rows;
  void (*i8_widen)(const swl_batch_matmul_params *p, const int8_t *left, size_t row, size_t rows, size_t first,
                   size_t count, int16_t (*wide)[DEPTH_BLOCK]);
  void (*i16_widen)(const swl_batch_matmul_params *p, const int16_t *left, size_t row, size_t rows, size_t first,
                    size_t count, int16_t (*wide)[DEPTH_BLOCK]);
  void (*i8_prepare)(const swl_batch_matmul_params *p, const int8_t *right, size_t first, size_t columns,
                     int16_t *panel);
  void (*i16_prepare)(const swl_batch_matmul_params *p, const int16_t *right, size_t first, size_t columns,
                      int16_t *panel);
  void (*divide)(const int16_t *numbers, size_t count, int16_t *high, int16_t *low);
  void (*requantize)(const swl_batch_matmul_params *p, const int32_t *sums, size_t count, int8_t *output);
  /// Adds sums, shifted to the left, to totals of 64 bits.
  void (*add)(const int32_t *sums, size_t count, int32_t shift, int64_t *totals);
  void (*requantize_wide)(const swl_batch_matmul_params *p, const int64_t *totals, size_t count, int16_t *output);
  void (*block)(int16_t (*left)[DEPTH_BLOCK], const int16_t *right, size_t panel, size_t count, size_t rows,
                size_t columns, int32_t (*sums)[COLUMN_BLOCK]);
} kernel;

// Where a faster variant stands beside it, the base serves processors without it, and is compiled for size.
#if HAS_ELEMENTWISE_AVX2 || HAS_ELEMENTWISE_AVX512
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)
#endif
#define VARIANT(name) name##__base
#define LANES 4
#if defined(__x86_64__)
static inline int32_t load_pair(const int16_t *pair) {
  int32_t both;
  memcpy(&both, pair, sizeof both);
  return both;
}
#define INTERLEAVED true
static inline void store_pair(int16_t *panel, size_t n, int32_t first, int32_t second) {
  const uint32_t both = (uint16_t)first | (uint32_t)second << 16;
  memcpy(panel + 2 * n, &both, sizeof both);
}
#define ROWS 4
#define PANELS 2
#define DOT(sum, right, left) ((sum) + (sums__base)_mm_madd_epi16((__m128i)(right), _mm_set1_epi32(load_pair(left))))
#else
#define INTERLEAVED false
static inline void store_pair(int16_t *panel, size_t n, int32_t first, int32_t second) {
  panel[n] = (int16_t)first;
  panel[LANES + n] = (int16_t)second;
}
#define ROWS MOST_ROWS
#define PANELS (ROWS > 1 ? 2 : 1)
#define HALF(pairs, first)                                                                                             \
  __builtin_convertvector(__builtin_shufflevector(pairs, pairs, first, (first) + 1, (first) + 2, (first) + 3),         \
                          sums__base)
#define DOT(sum, right, left) ((sum) + HALF(right, 0) * (left)[0] + HALF(right, LANES) * (left)[1])
#endif
#include "batch_matmul_variant.inc"
#undef VARIANT
#if HAS_ELEMENTWISE_AVX2 || HAS_ELEMENTWISE_AVX512
#pragma clang attribute pop
#endif

#if HAS_ELEMENTWISE_AVX2
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define VARIANT(name) name##__avx2
#define LANES 8
#define ROWS 4
#define PANELS 2
#define DOT(sum, right, left)                                                                                          \
  ((sum) + (sums__avx2)_mm256_madd_epi16((__m256i)(right), _mm256_set1_epi32(load_pair(left))))
#include "batch_matmul_variant.inc"
#undef VARIANT
#pragma clang attribute pop
#endif

#if HAS_ELEMENTWISE_AVX512
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2"))),            \
                             apply_to = function)
#define VARIANT(name) name##__avx512
#define LANES 16
#define ROWS 6
#define PANELS 4
#define DOT(sum, right, left)                                                                                          \
  (sums__avx512) _mm512_dpwssd_epi32((__m512i)(sum), (__m512i)(right), _mm512_set1_epi32(load_pair(left)))
#include "batch_matmul_variant.inc"
#undef VARIANT
#pragma clang attribute pop
#endif

static const kernel *kernel_for(swl_isa isa) {
  static const kernel *const kernels[] = ELEMENTWISE_VARIANTS(&kernel);
  return kernels[elementwise_variant(isa)];
}

/// Numbers of a panel of the right matrix: its pairs, those of the high parts before those of the low ones.
static size_t panel_numbers(const kernel *k, const swl_batch_matmul_params *p) {
  return 2 * k->lanes * PAIRS(p->depth) * (p->right_is_wide ? 2 : 1);
}

size_t swl_batch_matmul_prepared_bytes(swl_isa isa, const swl_batch_matmul_params *p) {
  const kernel *k = kernel_for(isa);
  const size_t panels = p->columns / k->lanes + (p->columns % k->lanes != 0), pair = p->right_is_wide ? 8 : 4;
  size_t bytes;
  if (__builtin_mul_overflow(PAIRS(p->depth), pair * k->lanes, &bytes) || __builtin_mul_overflow(bytes, panels, &bytes))
    return SIZE_MAX;
  return bytes;
}

void swl_batch_matmul_prepare(swl_isa isa, const swl_batch_matmul_params *p, const void *right, int16_t *prepared) {
  const kernel *k = kernel_for(isa);
  const size_t numbers = panel_numbers(k, p);
  for (size_t first = 0; first < p->columns; first += k->lanes, prepared += numbers) {
    const size_t columns = p->columns - first < k->lanes ? p->columns - first : k->lanes;
    if (p->right_is_wide) {
      k->i16_prepare(p, right, first, columns, prepared);
      k->divide(prepared, numbers / 2, prepared, prepared + numbers / 2);
    } else {
      k->i8_prepare(p, right, first, columns, prepared);
    }
  }
}

/// A tile of rows and a block of columns.
typedef struct block {
  size_t row, rows, column, columns;
  const int16_t *panels;
} block;

static void multiply_i8(const kernel *k, const swl_batch_matmul_params *p, const int8_t *left, block b,
                        int8_t *output) {
  int16_t wide[MOST_ROWS][DEPTH_BLOCK];
  int32_t sums[MOST_ROWS][COLUMN_BLOCK];
  memset(sums, 0, b.rows * sizeof sums[0]);
  for (size_t first = 0; first < p->depth; first += DEPTH_BLOCK) {
    const size_t count = p->depth - first < DEPTH_BLOCK ? p->depth - first : DEPTH_BLOCK;
    k->i8_widen(p, left, b.row, b.rows, first, count, wide);
    k->block(wide, b.panels + first * k->lanes, panel_numbers(k, p), PAIRS(count), b.rows, b.columns, sums);
  }
  for (size_t r = 0; r < b.rows; r++) {
    int8_t *to = output + (b.row + r) * p->columns + b.column;
    if (p->multiplier.shift <= 0) {
      k->requantize(p, sums[r], b.columns, to);
      continue;
    }
    for (size_t n = 0; n < b.columns; n++) {
      const int32_t value = swl_multiply_double_rounding(sums[r][n], p->multiplier);
      to[n] = (int8_t)swl_clamp_i32(swl_add_offset(value, p->output_zero_point), INT8_MIN, INT8_MAX);
    }
  }
}

static void multiply_i16(const kernel *k, const swl_batch_matmul_params *p, const int16_t *left, block b,
                         int16_t *output) {
  const size_t panel = panel_numbers(k, p), parts = p->right_is_wide ? 2 : 1;
  int16_t wide[MOST_ROWS][DEPTH_BLOCK];
  int32_t sums[MOST_ROWS][COLUMN_BLOCK];
  int64_t totals[MOST_ROWS][COLUMN_BLOCK];
  memset(totals, 0, b.rows * sizeof totals[0]);
  for (size_t first = 0; first < p->depth; first += DEPTH_BLOCK) {
    const size_t count = p->depth - first < DEPTH_BLOCK ? p->depth - first : DEPTH_BLOCK;
    k->i16_widen(p, left, b.row, b.rows, first, count, wide);
    for (size_t part = 0; part < parts; part++) {
      memset(sums, 0, b.rows * sizeof sums[0]);
      k->block(wide, b.panels + part * (panel / 2) + first * k->lanes, panel, PAIRS(count), b.rows, b.columns, sums);
      for (size_t r = 0; r < b.rows; r++)
        k->add(sums[r], b.columns, part + 1 < parts ? 8 : 0, totals[r]);
    }
  }
  for (size_t r = 0; r < b.rows; r++)
    k->requantize_wide(p, totals[r], b.columns, output + (b.row + r) * p->columns + b.column);
}

void swl_batch_matmul(swl_isa isa, const swl_batch_matmul_params *p, const void *left, const int16_t *prepared,
                      void *output, size_t begin, size_t end) {
  const kernel *k = kernel_for(isa);
  block b;
  for (b.row = begin; b.row < end; b.row += b.rows) {
    b.rows = end - b.row < k->rows ? end - b.row : k->rows;
    b.panels = prepared;
    for (b.column = 0; b.column < p->columns; b.column += COLUMN_BLOCK) {
      b.columns = p->columns - b.column < COLUMN_BLOCK ? p->columns - b.column : COLUMN_BLOCK;
      if (p->left_is_wide)
        multiply_i16(k, p, left, b, output);
      else
        multiply_i8(k, p, left, b, output);
      b.panels += COLUMN_BLOCK / k->lanes * panel_numbers(k, p);
    }
  }
}
