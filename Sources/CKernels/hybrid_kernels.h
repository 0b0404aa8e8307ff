// What a hybrid kernel variant provides.
#ifndef HYBRID_KERNELS_H
#define HYBRID_KERNELS_H

#include "f32_panels.h"
#include "swl_hybrid.h"
#include <stdint.h>

/// Rows of quantized activations against one panel. A row is a few sequences of 32-bit words, each holding `step`
/// stored numbers; the panel holds one vector of weights for each word.
typedef struct swl_hybrid_run {
  /// Where each row begins, at any address.
  const unsigned char *const *rows;
  /// Bytes from there to each of the sequences, which have `segment_words` words.
  const size_t *segments;
  size_t segment_count, segment_words;
  /// The group of the first row; `group_stride` is 1 when each row has its own, else 0.
  const swl_hybrid_group *group;
  size_t group_stride;
  /// For each column the sum of its weights, its scale and its bias; then the weights.
  const int32_t *sums;
  const float *scales, *bias;
  const int8_t *weights;
  float *output;
  size_t output_stride, columns;
  float minimum, maximum;
  /// The rows that the tiles of AMX are configured for, 0 before. What a call of `tile` leaves serves the next ones of
  /// the same `segment_words`, and `end` releases it.
  size_t *configured;
} swl_hybrid_run;

/// Panels of the first width that a single row multiplies at once.
enum { SWL_HYBRID_ROW_PANELS = 4 };

/// A single row of a pointwise layer.
typedef struct swl_hybrid_row {
  const unsigned char *input;
  size_t words;
  swl_hybrid_group group;
  /// From one panel to the next.
  size_t panel_bytes;
  float minimum, maximum;
} swl_hybrid_row;

/// How activations are stored, and so how many a word holds.
typedef enum swl_hybrid_storage {
  /// q + 128, four to a word: VNNI multiplies unsigned by signed bytes.
  SWL_HYBRID_UNSIGNED,
  /// q, four to a word.
  SWL_HYBRID_SIGNED,
  /// q - zeroPoint in 16 bits, two to a word; 0 stands for 0.
  SWL_HYBRID_WIDE,
} swl_hybrid_storage;

/// Quantizes `count` numbers: `lowest` and `highest` bound x * scale before rounding, `zero` is added after it.
typedef struct swl_hybrid_quantizer {
  float scale, lowest, highest;
  int32_t zero;
} swl_hybrid_quantizer;

typedef struct swl_hybrid_kernels {
  swl_hybrid_storage storage;
  size_t widths[3];
  void (*tile[3])(const swl_hybrid_run *run, size_t rows);
  /// Follows the last of several calls of `tile` if they configured tiles.
  void (*end)(void);
  /// SWL_HYBRID_ROW_PANELS panels of the first width; NULL where the tile does as well.
  void (*row)(const swl_hybrid_row *row, const unsigned char *panels, float *output);
  /// The range of the numbers and 0; NaN is passed over.
  void (*range)(const float *input, size_t count, float *minimum, float *maximum);
  void (*quantize)(const float *input, size_t count, const swl_hybrid_quantizer *quantizer, void *stored);
} swl_hybrid_kernels;

const swl_hybrid_kernels *swl_hybrid_kernels_for(swl_isa isa);

/// Quantizes the `count` numbers of one group, of which only these are stored.
swl_hybrid_group swl_hybrid_quantize_group(const swl_hybrid_kernels *kernels, const float *input, size_t count,
                                           void *stored);

extern const swl_hybrid_kernels swl_hybrid_kernels__scalar;
#if defined(__x86_64__)
extern const swl_hybrid_kernels swl_hybrid_kernels__sse41;
extern const swl_hybrid_kernels swl_hybrid_kernels__avx2;
extern const swl_hybrid_kernels swl_hybrid_kernels__avxvnni;
extern const swl_hybrid_kernels swl_hybrid_kernels__avx512vnni;
extern const swl_hybrid_kernels swl_hybrid_kernels__amx;
void swl_hybrid_tile_32__amx(const swl_hybrid_run *run, size_t rows);
void swl_hybrid_tile_16__amx(const swl_hybrid_run *run, size_t rows);
void swl_hybrid_end__amx(void);
#elif defined(__ARM_NEON)
extern const swl_hybrid_kernels swl_hybrid_kernels__neon;
#if defined(__aarch64__)
extern const swl_hybrid_kernels swl_hybrid_kernels__dotprod;
#endif
#endif

/// Bytes of a stored number.
static inline size_t swl_hybrid_element(const swl_hybrid_kernels *kernels) {
  return kernels->storage == SWL_HYBRID_WIDE ? 2 : 1;
}

static inline size_t swl_hybrid_step(const swl_hybrid_kernels *kernels) {
  return kernels->storage == SWL_HYBRID_WIDE ? 2 : 4;
}

/// Words of a row of `depth` stored numbers.
static inline size_t swl_hybrid_words(const swl_hybrid_kernels *kernels, size_t depth) {
  return (depth * swl_hybrid_element(kernels) + 3) / 4;
}

#endif
