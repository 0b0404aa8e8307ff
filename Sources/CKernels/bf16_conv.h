// Convolutions that round input and weights to bfloat16, see bf16_kernels.h.
#ifndef BF16_CONV_H
#define BF16_CONV_H

#include "f32_geometry.h"

/// Whether the layer is computed so: where that was asked for, except for layers that are too small to gain by it and
/// windows that reach further than 64 rows or columns. Does not depend on the size of the picture.
bool swl_bf16_serves(const swl_f32_conv_params *p);

size_t swl_bf16_conv_packed_bytes(const swl_f32_conv_params *p);
size_t swl_bf16_conv_scratch_bytes(const swl_f32_conv_params *p);
void swl_bf16_conv_pack(swl_isa isa, const swl_f32_conv_params *p, const void *weights, const void *bias, void *packed);

/// Computes columns `columns` of output rows `rows` of batches * out_height.
void swl_bf16_conv_part(swl_isa isa, const swl_f32_conv_params *p, const void *packed, const float *input,
                        float *output, void *scratch, swl_range rows, swl_range columns);
/// The same for pixels of a pointwise layer.
void swl_bf16_conv_pixels(swl_isa isa, const swl_f32_conv_params *p, const void *packed, const float *input,
                          float *output, void *scratch, swl_range pixels);

#endif
