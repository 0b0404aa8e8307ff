// Float32 kernels: matrix product, convolution and depthwise convolution over NHWC, and float16 to float32.
//
// Order of sums. Every output element starts from its bias (0 without one) and adds its products one after the other,
// over kernel row, kernel column and input channel in that order (depthwise with one filter per channel: over kernel
// column, then kernel row), each with one fused multiply-add. These are the orders of XNNPACK's kernels. Scalar, AVX2,
// AVX512 and NEON on AArch64 therefore return the same bits, however the work is split. SSE4.1, and NEON on ARMv7
// without fused arithmetic, round the product as well; their relative error is bounded by (K + 1) * 2^-24 of the sum
// of the magnitudes of the K products.
//
// A NaN passes through the clamp. Sizes are counts of elements; the caller has proven that their products fit size_t.
// Weights, bias and float16 input may stand at any byte address; packed weights want 64-byte alignment for speed.
#ifndef SWL_F32_H
#define SWL_F32_H

#include "swl_isa.h"
#include <stddef.h>

/// output[rows][columns] = clamp(input[rows][depth] * transpose(weights[columns][depth]) + bias[columns]).
typedef struct swl_f32_gemm_params {
  size_t depth, columns;
  /// The weights are stored [depth][columns] instead of [columns][depth].
  bool weights_depth_major;
  float minimum, maximum;
} swl_f32_gemm_params;

/// A convolution, or a depthwise convolution with out_channels / in_channels filters per input channel. Padding below
/// and to the right follows from the output size; positions outside the input count as 0.
typedef struct swl_f32_conv_params {
  size_t batches;
  size_t in_height, in_width, in_channels;
  size_t out_height, out_width, out_channels;
  size_t kernel_height, kernel_width;
  size_t stride_height, stride_width;
  size_t dilation_height, dilation_width;
  size_t pad_top, pad_left;
  /// 1 for an ordinary convolution; divides both channel counts. Depthwise ignores it.
  size_t groups;
  float minimum, maximum;
  /// Of the weights of hybrid layers: 8, 4 or 2, where 0 means 8; and how many consecutive ones of a row share a scale,
  /// 0 for all. Blocks are for pointwise layers; their length divides the depth and is a multiple of 4.
  size_t weight_bits, weight_block;
  /// Elements from one row and one pixel of an ordinary convolution's output to the next ones, at least as many as they
  /// have; both are 0 where they stand close together. Such a layer has one picture.
  size_t output_row, output_pixel;
  /// Of an ordinary convolution: input and weights may be rounded to bfloat16, where the layer is large enough to gain
  /// by it on AMX. Then the order of sums is another one, the same on every instruction set, SSE4.1 and ARMv7 included,
  /// and what is below 2^-126 counts as zero.
  bool bfloat16;
} swl_f32_conv_params;

/// Columns that one panel of packed weights holds at most: split columns at multiples of it.
size_t swl_f32_gemm_column_step(swl_isa isa);
size_t swl_f32_gemm_packed_bytes(swl_isa isa, const swl_f32_gemm_params *params);
/// `bias` may be NULL.
void swl_f32_gemm_pack(swl_isa isa, const swl_f32_gemm_params *params, const void *weights, const void *bias,
                       void *packed);
/// Computes rows [row_begin, row_end) of columns [column_begin, column_end). `column_begin` is a multiple of the column
/// step; `column_end` is one or equals `columns`.
void swl_f32_gemm(swl_isa isa, const swl_f32_gemm_params *params, const void *packed, const float *input, float *output,
                  size_t row_begin, size_t row_end, size_t column_begin, size_t column_end);

size_t swl_f32_conv_packed_bytes(swl_isa isa, const swl_f32_conv_params *params);
/// Scratch that one thread needs, 0 for pointwise and unpadded convolutions.
size_t swl_f32_conv_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params);
/// `weights` are [out_channels][kernel_height][kernel_width][in_channels / groups]; `bias` may be NULL.
void swl_f32_conv_pack(swl_isa isa, const swl_f32_conv_params *params, const void *weights, const void *bias,
                       void *packed);
/// In how many units the output may be shared out: the rows of all batches, each cut where there are few wide ones.
size_t swl_f32_conv_units(const swl_f32_conv_params *params);
/// Computes units [begin, end) of the output.
void swl_f32_conv(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const float *input, float *output,
                  void *scratch, size_t begin, size_t end);

/// Transposed convolution: output position y * stride + k - pad sees input position y through tap k. `weights` are
/// [out_channels][kernel_height][kernel_width][in_channels]; dilations and groups are 1. Sums go over the kernel
/// backwards, since each output sees the input in its order. Packing needs `gathered`, memory aligned to 8 bytes.
size_t swl_f32_transpose_conv_packed_bytes(swl_isa isa, const swl_f32_conv_params *params);
size_t swl_f32_transpose_conv_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params);
size_t swl_f32_transpose_conv_gathered_bytes(const swl_f32_conv_params *params);
void swl_f32_transpose_conv_pack(swl_isa isa, const swl_f32_conv_params *params, const void *weights, const void *bias,
                                 void *gathered, void *packed);
/// Units are `stride_height` rows of output.
size_t swl_f32_transpose_conv_units(const swl_f32_conv_params *params);
void swl_f32_transpose_conv(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const float *input,
                            float *output, void *scratch, size_t begin, size_t end);

size_t swl_f32_depthwise_packed_bytes(swl_isa isa, const swl_f32_conv_params *params);
/// Scratch that one thread needs, 0 unless there are several filters per input channel.
size_t swl_f32_depthwise_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params);
/// `weights` are [kernel_height][kernel_width][out_channels]; `bias` may be NULL.
void swl_f32_depthwise_pack(swl_isa isa, const swl_f32_conv_params *params, const void *weights, const void *bias,
                            void *packed);
/// Computes output rows [row_begin, row_end) of batches * out_height.
void swl_f32_depthwise(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const float *input,
                       float *output, void *scratch, size_t row_begin, size_t row_end);

/// Widens `count` IEEE half-precision numbers, exactly; a signalling NaN becomes quiet and keeps its payload.
void swl_f16_to_f32(swl_isa isa, const void *input, float *output, size_t count);

#endif
