// TRANSPOSE_CONV: every input pixel adds its products with the weights to a window of the output.
#ifndef SWL_TRANSPOSE_CONV_H
#define SWL_TRANSPOSE_CONV_H

#include "swl_fixed_point.h"
#include "swl_hybrid.h"
#include "swl_isa.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct swl_transpose_conv_params {
  size_t in_height, in_width, in_channels;
  size_t out_height, out_width, out_channels;
  size_t kernel_height, kernel_width, stride_height, stride_width;
  size_t pad_top, pad_left;
} swl_transpose_conv_params;

/// Elements of the packed weights, (height, width, input channels, output channels).
size_t swl_transpose_conv_weight_count(const swl_transpose_conv_params *params);

/// Packs (output channels, height, width, input channels) at any address. Quantized weights lose their zero point.
void swl_f32_transpose_conv_pack(const swl_transpose_conv_params *params, const void *weights, float *packed);
void swl_i8_transpose_conv_pack(const swl_transpose_conv_params *params, const void *weights, int16_t *packed);
void swl_u8_transpose_conv_pack(const swl_transpose_conv_params *params, const void *weights, int32_t zero_point,
                                int16_t *packed);

/// How 32-bit sums become outputs: one multiplier for each output channel.
typedef struct swl_transpose_conv_scaling {
  const swl_multiplier *multipliers;
  int32_t input_zero_point, output_zero_point, low, high;
} swl_transpose_conv_scaling;

/// Output rows [begin, end) of one picture. `bias` is null or holds an element for each output channel at any address;
/// `sums` holds (end - begin) * out_width * out_channels elements of scratch memory.
void swl_f32_transpose_conv(swl_isa isa, const swl_transpose_conv_params *params, const float *input,
                            const float *packed, const void *bias, float *output, size_t begin, size_t end, float low,
                            float high);
void swl_i8_transpose_conv(swl_isa isa, const swl_transpose_conv_params *params, const int8_t *input,
                           const int16_t *packed, const void *bias, int8_t *output, int32_t *sums, size_t begin,
                           size_t end, const swl_transpose_conv_scaling *scaling);
void swl_u8_transpose_conv(swl_isa isa, const swl_transpose_conv_params *params, const uint8_t *input,
                           const int16_t *packed, const void *bias, uint8_t *output, int32_t *sums, size_t begin,
                           size_t end, const swl_transpose_conv_scaling *scaling);

/// The same for a picture of float32 numbers that `swl_hybrid_quantize_row` made int8: the scale of each output
/// channel's weights, and what the picture was quantized with. Outputs are clamp(Float(sum) * (scale[c] * group.scale)
/// + bias[c]).
typedef struct swl_hybrid_transpose_conv_scaling {
  const float *scales;
  swl_hybrid_group group;
  float low, high;
} swl_hybrid_transpose_conv_scaling;

/// Weights keep their size.
void swl_hybrid_transpose_conv_pack(const swl_transpose_conv_params *params, const void *weights, int8_t *packed);
void swl_hybrid_transpose_conv(swl_isa isa, const swl_transpose_conv_params *params, const int8_t *input,
                               const int8_t *packed, const void *bias, float *output, int32_t *sums, size_t begin,
                               size_t end, const swl_hybrid_transpose_conv_scaling *scaling);

/// The same for int16 with int8 weights: a bias and a multiplier, a float64, for each output channel; see `swl_q8.h`
/// for the rounding. `is_long` says that sums may leave the range of int32.
typedef struct swl_i16_transpose_conv_scaling {
  const int64_t *biases;
  const double *scales;
  int32_t low, high;
  bool is_long;
} swl_i16_transpose_conv_scaling;

/// Whether sums of these packed weights with the biases may leave the range of int32.
bool swl_i16_transpose_conv_is_long(const swl_transpose_conv_params *params, const int16_t *packed,
                                    const int64_t *biases);
/// `sums` holds 8 bytes for each element of the rows.
void swl_i16_transpose_conv(swl_isa isa, const swl_transpose_conv_params *params, const int16_t *input,
                            const int16_t *packed, int16_t *output, void *sums, size_t begin, size_t end,
                            const swl_i16_transpose_conv_scaling *scaling);

#endif
