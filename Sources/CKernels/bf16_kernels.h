// What a bfloat16 kernel variant provides: products of windows of 16-bit numbers with panels of 16 output channels.
//
// A sum starts as the bias. The window is cut into stretches of contiguous elements and these into chunks of up to 32;
// of each chunk the products at even and at odd places are summed apart, in their order, and then
// sum = sum + (even + odd). Every sum rounds to float32, to nearest, and what is below 2^-126 counts as zero, before
// and after. That is what TDPBF16PS does (Intel Architecture Instruction Set Extensions Programming Reference,
// "TDPBF16PS"), and all variants do it.
#ifndef BF16_KERNELS_H
#define BF16_KERNELS_H

#include "swl_isa.h"
#include <stddef.h>
#include <stdint.h>

/// Output channels of a panel, and the pairs of elements of a chunk and pixels of a tile at most.
enum { SWL_BF16_LANES = 16, SWL_BF16_CHUNK_PAIRS = 16, SWL_BF16_TILE_PIXELS = 16 };

/// What the tiles of a layer share. Distances are in elements.
typedef struct swl_bf16_run {
  /// Between the windows of neighbouring pixels.
  size_t pixel_stride;
  /// A window is `outer_count` x `inner_count` stretches of `2 * pairs` elements.
  size_t outer_count, outer_stride;
  size_t inner_count, inner_stride;
  size_t pairs;
  /// For each panel 16 biases, then the weights as the window has its elements: for each pair of elements the two
  /// weights of every channel.
  const unsigned char *panels;
  size_t panel_bytes;
  size_t channels;
  size_t output_stride;
  float minimum, maximum;
} swl_bf16_run;

/// The first window of a tile, and the output of its first pixel.
typedef struct swl_bf16_tile {
  const uint16_t *input;
  float *output;
} swl_bf16_tile;

typedef struct swl_bf16_kernels {
  /// Rounds to nearest, ties to even; magnitudes below 2^-126 become zero, and a NaN stays one.
  void (*convert)(const float *input, size_t count, uint16_t *output);
  /// Computes all channels of `pixels` pixels, 1 to 16, of each tile.
  void (*multiply)(const swl_bf16_run *run, const swl_bf16_tile *tiles, size_t tile_count, size_t pixels);
} swl_bf16_kernels;

const swl_bf16_kernels *swl_bf16_kernels_for(swl_isa isa);

#if defined(__x86_64__)
extern const swl_bf16_kernels swl_bf16_kernels__amx;
#endif

#endif
