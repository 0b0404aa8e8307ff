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
  /// int16 activations: sums without the bias may leave the range of int32; or not even those with it do, and scales
  /// are multipliers of 15 bits. The int32 biases are 0 unless `is_short`.
  bool is_long, is_short;
  size_t row_count;
  /// Byte offsets within the window of the runs that make up the depth, each of `segment_lanes` lanes.
  const ptrdiff_t *segments;
  size_t segment_count, segment_lanes;
  /// Where the kernels copy the rows of a tile to, if they do.
  uint8_t *gathered;
  /// Applied to activations while loading.
  uint8_t activation_flip;
  const uint8_t *panels;
  size_t panel_bytes;
  /// Output channels; the last panel may hold fewer than a full one.
  size_t channels;
  uint8_t *output;
  /// Elements from one pixel to the next.
  size_t output_stride;
  swl_q8_output requantization;
} swl_q8_tile;

/// Bytes of a panel before its weights, for each channel.
#define SWL_Q8_PANEL_HEADER(wide_output) ((size_t)((wide_output) ? 20 : 8))

/// How one instruction set multiplies. A panel is, for `lanes` output channels: biases, scales, and for every lane of
/// depth the weights of each channel. With int16 activations: biases as int32, scales as float64 or as multipliers and
/// shifts of 32 bits each, biases as float64.
typedef struct swl_q8_gemm {
  uint8_t lanes;
  uint8_t row_limit;
  /// Rows that are multiplied together, of which a tile had better have a multiple; 0 means 1.
  uint8_t row_step;
  /// Bit r stands where there is a tile of r rows; 0 where there are all up to `row_limit`.
  uint16_t row_counts;
  /// int16 activations and weights with their zero points subtracted, two per lane, instead of four bytes per lane.
  bool wide;
  /// Wide only: the input has them so, and the output too.
  bool wide_output;
  /// Wide output only: scales may stand as multipliers of 15 bits.
  bool short_scales;
  /// Bytes of depth that a channel has side by side: 4, or 8 where one instruction multiplies that many.
  uint8_t step;
  /// Wide only: a lane's first values of all channels stand before the second ones.
  bool planar;
  /// Bytes only: activations are multiplied as unsigned rather than signed numbers.
  bool unsigned_activations;
  void (*tile)(const swl_q8_tile *tile);
  /// What has to be set up, and put back, before and after the tiles of a layer: both or neither.
  void (*begin)(const swl_q8_tile *tile);
  void (*end)(void);
  /// sums[r] = sum of the activations of row r, `segment_bytes` bytes per segment. NULL for wide kernels.
  void (*row_sums)(const swl_q8_tile *tile, size_t segment_bytes, int32_t *sums);
} swl_q8_gemm;

/// Float32 outputs of a depthwise convolution of int8 pictures, quantized while running: each is
/// clamp((float)sum * scales[c] * scale + biases[c], minimum, maximum) without contraction.
typedef struct swl_q8_float_output {
  /// For `swl_q8_float_channels` output channels: the scales of the weights, and biases.
  const float *scales, *biases;
  /// That of the picture.
  float scale;
  /// What sums start at, in the order of the packed channels.
  int32_t *starts;
  float minimum, maximum;
} swl_q8_float_output;

/// Output channels, with those that fill the last vector.
static inline size_t swl_q8_float_channels(const swl_q8_layer *layer) {
  return ((size_t)layer->out_c + 63) & ~(size_t)63;
}

static inline float swl_q8_float_result(const swl_q8_float_output *floats, uint32_t sum, size_t c) {
#pragma STDC FP_CONTRACT OFF
  const float value = (float)(int32_t)sum * floats->scales[c] * floats->scale + floats->biases[c];
  const float raised = value < floats->minimum ? floats->minimum : value;
  return raised > floats->maximum ? floats->maximum : raised;
}

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
  /// int16 activations: scales are multipliers of 15 bits.
  bool is_short;
  /// NULL for quantized outputs.
  const swl_q8_float_output *floats;
  /// Set for each chunk: see the two functions below.
  ptrdiff_t whole_reads, whole_stores;
} swl_q8_depthwise_row;

/// The columns of input of which loads of `width` channels from `channel` on stay before `readable_end`.
ptrdiff_t swl_q8_whole_reads(const swl_q8_depthwise_row *row, size_t channel, size_t width, size_t element_bytes);

/// The output pixels of which stores of `width` channels from `channel` on stay within the row: what they write behind
/// the last channel are the next pixel's first ones, which are stored later.
ptrdiff_t swl_q8_whole_stores(const swl_q8_depthwise_row *row, size_t channel, size_t width);

typedef struct swl_q8_depthwise {
  /// Vertical taps of a lane: 4 (bytes) or 2 (int16).
  uint8_t taps;
  bool unsigned_activations;
  /// int16 only: the first taps of so many channels stand before their second ones; 0 where a lane's two stand
  /// together.
  uint8_t planar;
  /// int16 activations only: scales may stand as multipliers of 15 bits.
  bool short_scales;
  /// The channels of a full chunk; the last one is the smallest of its halves, down to `least_chunk`, that holds the
  /// rest.
  uint8_t chunk, least_chunk;
  /// All output pixels of the row in the channels from `channel` on.
  void (*run_chunk)(const swl_q8_depthwise_row *row, const uint8_t *packed, size_t channel, size_t chunk);
  /// The same for rows of 8 or 16 channels of 8-bit data and weights; `pairs` is scratch, `swl_q8_few_bytes` for every
  /// two vertical taps. NULL where `run_chunk` is as fast.
  void (*run_few)(const swl_q8_depthwise_row *row, const uint8_t *packed, uint8_t *pairs);
} swl_q8_depthwise;

/// The columns of input that a row of output reads, padding among them.
static inline size_t swl_q8_few_width(size_t out_w, size_t stride, size_t kernel_w, size_t dilation) {
  return (out_w - 1) * stride + (kernel_w - 1) * dilation + 1;
}

/// Bytes of two rows of so many columns side by side, and of what a vector may store or load behind them.
static inline size_t swl_q8_few_bytes(size_t width, size_t channels) {
  return (2 * width * channels + 32 + 63) & ~(size_t)63;
}

/// A packed chunk: 64 bytes that begin with the number of passes, biases, scales and, for each pass, horizontal tap and
/// group of vertical taps, the weights. A weight is the sum of as many numbers as there are passes.
enum { SWL_Q8_CHUNK_HEADER = 64 };

/// Bytes of an activation in memory.
static inline size_t swl_q8_element_bytes(const swl_q8_layer *layer) { return layer->is_wide ? 2 : 1; }

static inline size_t swl_q8_weight_bits(const swl_q8_layer *layer) {
  return layer->weight_bits == 0 ? 8 : layer->weight_bits;
}

/// Bytes of `count` stored weights.
static inline size_t swl_q8_weight_bytes(const swl_q8_layer *layer, size_t count) {
  const size_t together = 8 / swl_q8_weight_bits(layer);
  return count / together + (count % together != 0);
}

/// Weight `index` of the file's, with its zero point. Weights below 8 bits are signed.
static inline int32_t swl_q8_weight(const swl_q8_layer *layer, const uint8_t *weights, size_t index) {
  const size_t bits = swl_q8_weight_bits(layer);
  if (bits == 8)
    return layer->is_unsigned ? (int32_t)weights[index] : (int32_t)(int8_t)weights[index];
  const size_t together = 8 / bits;
  const uint32_t byte = weights[index / together];
  return (int32_t)(byte << (32 - bits - index % together * bits)) >> (32 - bits);
}

/// Products of differences between bytes, each at most 255 * 255, that a sum of 32 bits holds.
#define SWL_Q8_PRODUCTS_OF_INT32 ((size_t)32768)

/// Stores weight `index` of `count`, a multiple of what a byte holds, in memory that was zero: a byte holds the weight
/// at its own index in the low bits, then those at that distance in each further part of the weights.
static inline void swl_q8_store_small(uint8_t *small, size_t index, size_t count, size_t bits, int32_t weight) {
  const size_t part = count * bits / 8;
  small[index % part] |= (uint8_t)(((uint32_t)weight & ((1u << bits) - 1)) << index / part * bits);
}

/// A bias; beyond 48 bits it is limited, which no output that is not saturated shows.
static inline int64_t swl_q8_bias(const swl_q8_layer *layer, const void *bias, size_t channel) {
  if (bias == NULL)
    return 0;
  if (layer->has_wide_bias) {
    int64_t value;
    memcpy(&value, (const uint8_t *)bias + 8 * channel, sizeof value);
    const int64_t limit = (int64_t)1 << 47;
    return value > limit ? limit : value < -limit ? -limit : value;
  }
  int32_t value;
  memcpy(&value, (const uint8_t *)bias + 4 * channel, sizeof value);
  return value;
}

/// The largest accumulator that one channel can have, given the sum of its weights' magnitudes, is an int32.
static inline bool swl_q8_fits_int32(uint64_t magnitudes, int64_t bias) {
  return magnitudes <= 65535 && bias >= INT32_MIN + ((int64_t)magnitudes << 15) &&
         bias <= INT32_MAX - ((int64_t)magnitudes << 15);
}

/// A scale as `multiplier * 2^-(shift + 16)`, the multiplier below 2^15: requantization then needs no more than 32
/// bits.
typedef struct swl_q8_short_scale {
  int32_t multiplier, shift;
} swl_q8_short_scale;

/// Whether there is one, with a shift in 1...30.
static inline bool swl_q8_shorten(double scale, swl_q8_short_scale *result) {
  uint64_t bits;
  memcpy(&bits, &scale, sizeof bits);
  const int32_t exponent = (int32_t)(bits >> 52) - 1023, shift = 14 - exponent - 16;
  *result = (swl_q8_short_scale){(int32_t)(bits >> 38 & 0x3FFF) | 0x4000, shift};
  if (bits == 0)
    *result = (swl_q8_short_scale){0, 1};
  return bits == 0 || ((bits & (((uint64_t)1 << 38) - 1)) == 0 && shift >= 1 && shift <= 30);
}

/// Stores the scale of number `index` of `count`: a double, or a multiplier among `count` and a shift behind them.
static inline void swl_q8_store_scale(uint8_t *out, size_t index, size_t count, double scale, bool is_short) {
  swl_q8_short_scale small;
  if (is_short && swl_q8_shorten(scale, &small)) {
    memcpy(out + 4 * index, &small.multiplier, 4);
    memcpy(out + 4 * (count + index), &small.shift, 4);
  } else {
    memcpy(out + 8 * index, &scale, 8);
  }
}

/// What the flag of packed layers on int16 holds.
enum { SWL_Q8_LONG = 1, SWL_Q8_SHORT = 2 };

/// Whether all scales of a layer on int16 can be shortened.
static inline bool swl_q8_all_short(const swl_q8_layer *layer, const void *scales) {
  for (size_t c = 0; c < (size_t)layer->out_c; c++) {
    double scale;
    swl_q8_short_scale small;
    memcpy(&scale, (const double *)scales + c, sizeof scale);
    if (!swl_q8_shorten(scale, &small))
      return false;
  }
  return true;
}

/// Requantization of int16: rounds to nearest, ties upwards.
static inline int16_t swl_q8_requantize_wide(double accumulator, double scale, const swl_q8_output *output) {
  double value = accumulator * scale;
  value += 0.5;
  const double low = output->minimum, high = output->maximum + 1.0;
  value = value < high ? value : high;
  value = value > low ? value : low;
  int32_t integer = (int32_t)value;
  integer -= (double)integer > value;
  return (int16_t)(integer > output->maximum ? output->maximum : integer);
}

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

/// The scalar variants' packed memory: biases as int64, scales as float64, the weights as they were.
void swl_q8_pack_plain(const swl_q8_layer *layer, const void *weights, size_t weight_bytes, const void *bias,
                       const void *scales, void *packed);
/// Stores channel `c` of an output pixel, requantized from the exact sum without the bias.
void swl_q8_store_plain(const swl_q8_layer *layer, const swl_q8_output *output, const void *packed, int64_t sum,
                        size_t c, void *pixel);

static inline size_t swl_q8_plain_bytes(const swl_q8_layer *layer, size_t weight_bytes) {
  return swl_q8_sum(swl_q8_product((size_t)layer->out_c, 16), weight_bytes);
}

#endif
