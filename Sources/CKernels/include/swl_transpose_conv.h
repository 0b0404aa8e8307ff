// TRANSPOSE_CONV of float32 data with int8 weights: every input pixel adds its products with the weights to a window of
// the output. Other types are convolutions for each phase of the stride, see swl_q8.h and swl_f32.h.
#ifndef SWL_TRANSPOSE_CONV_H
#define SWL_TRANSPOSE_CONV_H

#include "swl_hybrid.h"
#include "swl_isa.h"
#include <stddef.h>
#include <stdint.h>

typedef struct swl_transpose_conv_params {
  size_t in_height, in_width, in_channels;
  size_t out_height, out_width, out_channels;
  size_t kernel_height, kernel_width, stride_height, stride_width;
  size_t pad_top, pad_left;
} swl_transpose_conv_params;

/// A picture of float32 numbers that `swl_hybrid_quantize_row` made int8: the scale of each output channel's weights,
/// and what the picture was quantized with. Outputs are clamp(Float(sum) * (scale[c] * group.scale)
/// + bias[c]).
typedef struct swl_hybrid_transpose_conv_scaling {
  const float *scales;
  swl_hybrid_group group;
  float low, high;
} swl_hybrid_transpose_conv_scaling;

/// Packs weights (output channels, height, width, input channels), which keep their size.
void swl_hybrid_transpose_conv_pack(const swl_transpose_conv_params *params, const void *weights, int8_t *packed);
/// Output rows [begin, end) of one picture. `bias` is null or holds an element for each output channel at any address;
/// `sums` holds (end - begin) * out_width * out_channels elements of scratch memory.
void swl_hybrid_transpose_conv(swl_isa isa, const swl_transpose_conv_params *params, const int8_t *input,
                               const int8_t *packed, const void *bias, float *output, int32_t *sums, size_t begin,
                               size_t end, const swl_hybrid_transpose_conv_scaling *scaling);

#endif
