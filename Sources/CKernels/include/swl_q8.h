// 8-bit convolution, depthwise convolution and fully connected layers, signed and unsigned, fused with requantization;
// and the same with int16 activations.
//
// For every output element the accumulator is the exact sum, modulo 2^32, of (a - za) * (w - zw) + bias[c]; the result
// is clamp(roundToNearestEven((float)accumulator * scale[c]) + zo, minimum, maximum), all in float32 and without
// contraction. Padding counts as the input's zero point. Every instruction set returns the same bytes.
//
// With int16 activations the accumulator is the exact sum in 64 bits, and the result
// clamp(floor((double)accumulator * scale[c] + 0.5), minimum, maximum), all in float64 and without contraction: the
// rounding of TensorFlow Lite's fixed-point multipliers when scale[c] is such a multiplier.
//
// Weights of 4 or 2 bits stay that small in packed memory: they are widened for one block of output channels at a time,
// in the scratch area.
//
// A layer is used in three steps: ask for the sizes, pack the weights once, run ranges of units. Units are independent
// of each other, so a caller splits 0..<units among its threads, each with a scratch area of its own. What is packed
// for one instruction set serves only that one.
#ifndef SWL_Q8_H
#define SWL_Q8_H

#include "swl_isa.h"
#include <stddef.h>
#include <stdint.h>

/// The geometry and the quantization of one layer. All counts and dimensions are at least 0, strides and dilations at
/// least 1. Pixels outside the input, at any side, read as the zero point, so only the top and left padding are named.
typedef struct swl_q8_layer {
  int32_t batch, in_h, in_w, in_c;
  int32_t out_h, out_w, out_c;
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  int32_t pad_top, pad_left;
  /// Convolution: in_c and out_c are multiples of it. Ignored by depthwise convolution, where out_c is a multiple of
  /// in_c.
  int32_t groups;
  int32_t input_zero_point, weight_zero_point, output_zero_point;
  /// The bounds of the fused activation, within the range of the type and not crossed.
  int32_t minimum, maximum;
  /// Whether input, weights and output are uint8 rather than int8.
  bool is_unsigned;
  /// Whether input and output are int16, with int8 weights and zero points 0.
  bool is_wide;
  /// Whether the bias is int64 rather than int32; for int16 only.
  bool has_wide_bias;
  /// Of signed weights: 8, or 4 or 2 with the first one in the low bits of a byte. 0 means 8.
  uint8_t weight_bits;
  /// Elements from one row and one pixel of a convolution's output to the next ones, at least as many as they have;
  /// both are 0 where they stand close together. Such a layer has one picture.
  size_t output_row, output_pixel;
} swl_q8_layer;

/// A fully connected layer: input (rows, depth), weights (units, depth), output (rows, units). Quantization is left 0.
static inline swl_q8_layer swl_q8_fully_connected(int32_t rows, int32_t depth, int32_t units) {
  swl_q8_layer layer = {0};
  layer.batch = rows;
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = layer.kernel_h = layer.kernel_w = 1;
  layer.stride_h = layer.stride_w = layer.dilation_h = layer.dilation_w = layer.groups = 1;
  layer.in_c = depth;
  layer.out_c = units;
  return layer;
}

/// Convolution of an input (batch, in_h, in_w, in_c) with weights (out_c, kernel_h, kernel_w, in_c / groups).
size_t swl_q8_conv_packed_bytes(swl_isa isa, const swl_q8_layer *layer);

/// Bytes that one thread needs while it runs a range.
size_t swl_q8_conv_scratch_bytes(swl_isa isa, const swl_q8_layer *layer);

/// How many independent units of work there are.
size_t swl_q8_conv_units(swl_isa isa, const swl_q8_layer *layer);

/// Packs weights (no alignment needed), bias (out_c int32 or int64 of any alignment, or NULL for zeros) and scales
/// (out_c float32, with int16 activations float64, finite and positive) into `packed`, which is aligned to 64 bytes.
void swl_q8_conv_pack(swl_isa isa, const swl_q8_layer *layer, const void *weights, const void *bias, const void *scales,
                      void *packed);

/// The same for a fully connected layer whose weights stand as (depth, units).
void swl_q8_fully_connected_pack_depth_major(swl_isa isa, const swl_q8_layer *layer, const void *weights,
                                             const void *bias, const void *scales, void *packed);

/// Runs the units begin..<end. `scratch` is aligned to 64 bytes.
void swl_q8_conv_run(swl_isa isa, const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                     void *scratch, size_t begin, size_t end);

/// Transposed convolution with weights (out_c, kernel_h, kernel_w, in_c) of 8 bits: output position y * stride + k -
/// pad sees input position y through tap k. Dilations and groups are 1. Units are `stride_h` rows of output.
///
/// Packing needs `gathered`, memory aligned to 8 bytes of the size that the third function tells.
size_t swl_q8_transpose_conv_packed_bytes(swl_isa isa, const swl_q8_layer *layer);
size_t swl_q8_transpose_conv_scratch_bytes(swl_isa isa, const swl_q8_layer *layer);
size_t swl_q8_transpose_conv_gathered_bytes(const swl_q8_layer *layer);
size_t swl_q8_transpose_conv_units(const swl_q8_layer *layer);
void swl_q8_transpose_conv_pack(swl_isa isa, const swl_q8_layer *layer, const void *weights, const void *bias,
                                const void *scales, void *gathered, void *packed);
void swl_q8_transpose_conv_run(swl_isa isa, const swl_q8_layer *layer, const void *packed, const void *input,
                               void *output, void *scratch, size_t begin, size_t end);

/// Depthwise convolution of an input (batch, in_h, in_w, in_c) with weights (kernel_h, kernel_w, out_c), where output
/// channel c reads input channel c / (out_c / in_c).
size_t swl_q8_depthwise_packed_bytes(swl_isa isa, const swl_q8_layer *layer);
size_t swl_q8_depthwise_scratch_bytes(swl_isa isa, const swl_q8_layer *layer);
size_t swl_q8_depthwise_units(swl_isa isa, const swl_q8_layer *layer);
void swl_q8_depthwise_pack(swl_isa isa, const swl_q8_layer *layer, const void *weights, const void *bias,
                           const void *scales, void *packed);
void swl_q8_depthwise_run(swl_isa isa, const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                          void *scratch, size_t begin, size_t end);

#endif
