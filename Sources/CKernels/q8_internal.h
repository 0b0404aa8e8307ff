// What the 8-bit kernels of all instruction sets share.
#ifndef Q8_INTERNAL_H
#define Q8_INTERNAL_H

#include "swl_q8.h"
#include <string.h>

/// The most pixels that one call of a GEMM tile computes.
enum { SWL_Q8_MAX_ROWS = 16 };

/// Requantization in the signed domain: zero point and bounds of uint8 layers are moved by -128, and `flip` (0x80)
/// turns the result back.
typedef struct swl_q8_output {
  int32_t zero_point, minimum, maximum;
  uint8_t flip;
  /// Whether a product may leave the range of int32, because a scale is 1 or more.
  bool may_overflow;
} swl_q8_output;

static inline swl_q8_output swl_q8_output_make(const swl_q8_layer *layer, bool may_overflow) {
  const int32_t shift = layer->is_unsigned ? 128 : 0;
  return (swl_q8_output){
      .zero_point = layer->output_zero_point - shift,
      .minimum = layer->minimum - shift,
      .maximum = layer->maximum - shift,
      .flip = layer->is_unsigned ? 0x80 : 0,
      .may_overflow = may_overflow,
  };
}

/// Rounds to nearest even any float of magnitude up to 2^22, without a library call.
static inline int32_t swl_q8_round(float value) {
  const float magic = 12582912.0f;
  const float shifted = value + magic;
  int32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  return bits - 0x4B400000;
}

static inline int8_t swl_q8_requantize(uint32_t accumulator, float scale, const swl_q8_output *output) {
  const float low = (float)(output->minimum - output->zero_point);
  const float high = (float)(output->maximum - output->zero_point);
  float value = (float)(int32_t)accumulator * scale;
  value = value < high ? value : high;
  value = value > low ? value : low;
  return (int8_t)(swl_q8_round(value) + output->zero_point);
}

/// One call of a GEMM tile: `row_count` consecutive output pixels times `panel_count` panels of packed weights. A lane
/// of 32 bits holds four bytes or two int16, consecutive in depth.
typedef struct swl_q8_tile {
  /// The first byte of each pixel's window.
  const uint8_t *rows[SWL_Q8_MAX_ROWS];
  /// Added to every accumulator of a row where `corrected`.
  int32_t corrections[SWL_Q8_MAX_ROWS];
  bool corrected;
  size_t row_count;
  /// Byte offsets within the window of the runs that make up the depth, each of `segment_lanes` lanes.
  const ptrdiff_t *segments;
  size_t segment_count, segment_lanes;
  /// Applied to activations while loading.
  uint8_t activation_flip;
  const uint8_t *panels;
  size_t panel_bytes;
  /// Output channels; the last panel may hold fewer than a full one.
  size_t channels;
  uint8_t *output;
  size_t output_stride;
  swl_q8_output requantization;
} swl_q8_tile;

/// How one instruction set multiplies. A panel is, for `lanes` output channels: biases, scales, and for every lane of
/// depth the weights of each channel.
typedef struct swl_q8_gemm {
  uint8_t lanes;
  uint8_t row_limit;
  /// int16 activations and weights with their zero points subtracted, two per lane, instead of four bytes per lane.
  bool wide;
  /// Bytes of depth that a channel has side by side: 4, or 8 where one instruction multiplies that many.
  uint8_t step;
  /// Wide only: a lane's first values of all channels stand before the second ones.
  bool planar;
  /// Bytes only: activations are multiplied as unsigned rather than signed numbers.
  bool unsigned_activations;
  void (*tile)(const swl_q8_tile *tile);
  /// sums[r] = sum of the activations of row r, `segment_bytes` bytes per segment. NULL for wide kernels.
  void (*row_sums)(const swl_q8_tile *tile, size_t segment_bytes, int32_t *sums);
} swl_q8_gemm;

/// One row of output pixels of a depthwise convolution, over all channels.
///
/// A column is what the kernel covers of one input pixel column: for each channel, groups of 32-bit lanes with four
/// vertical taps as bytes, or two as int16. Channels are taken in chunks of four vectors; see q8_depthwise_body.h for
/// their order within a chunk.
typedef struct swl_q8_depthwise_row {
  /// For every vertical tap its input row; `zeros` for a row outside the input.
  const uint8_t *const *taps;
  size_t tap_count;
  /// Output x and horizontal tap k read the input column x * stride + k * dilation - pad.
  ptrdiff_t in_w, out_w, kernel_w, stride, dilation, pad;
  size_t channels;
  /// One row of zero points.
  const uint8_t *zeros;
  /// Behind the last byte of the rows: loads of a few channels may reach into what follows them up to here.
  uintptr_t readable_end;
  /// Space for the columns of `column_outputs` output pixels.
  uint8_t *columns;
  ptrdiff_t column_outputs;
  uint8_t *output;
  uint8_t activation_flip;
  swl_q8_output requantization;
} swl_q8_depthwise_row;

typedef struct swl_q8_depthwise {
  /// Vertical taps of a lane: 4 (bytes) or 2 (int16).
  uint8_t taps;
  bool unsigned_activations;
  /// int16 only: the first taps of a vector's lanes stand before the second ones.
  bool planar;
  /// The channels of a full chunk; the last one is the smallest of its halves, down to `least_chunk`, that holds the
  /// rest.
  uint8_t chunk, least_chunk;
  /// All output pixels of the row in the channels from `channel` on.
  void (*run_chunk)(const swl_q8_depthwise_row *row, const uint8_t *packed, size_t channel, size_t chunk);
} swl_q8_depthwise;

/// A packed chunk: 64 bytes that begin with the number of passes, biases, scales and, for each pass, horizontal tap and
/// group of vertical taps, the weights. A weight is the sum of as many numbers as there are passes.
enum { SWL_Q8_CHUNK_HEADER = 64 };

static inline size_t swl_q8_divide_up(size_t value, size_t divisor) { return (value + divisor - 1) / divisor; }

/// Products and sums that stay at SIZE_MAX once they overflow, so that a caller sees an impossible size.
static inline size_t swl_q8_product(size_t a, size_t b) {
  size_t result;
  return __builtin_mul_overflow(a, b, &result) ? SIZE_MAX : result;
}

static inline size_t swl_q8_sum(size_t a, size_t b) {
  size_t result;
  return __builtin_add_overflow(a, b, &result) ? SIZE_MAX : result;
}

/// A multiple of 64, the alignment of packed blocks and scratch areas.
static inline size_t swl_q8_align(size_t bytes) {
  return bytes > SIZE_MAX - 63 ? SIZE_MAX : (bytes + 63) & ~(size_t)63;
}

static inline int32_t swl_q8_load32(const void *pointer) {
  int32_t value;
  memcpy(&value, pointer, sizeof value);
  return value;
}

#endif
