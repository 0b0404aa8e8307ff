// Parts of the convolution that the depthwise convolution with several filters per channel reuses.
#ifndef F32_CONV_H
#define F32_CONV_H

#include "f32_geometry.h"
#include "f32_kernels.h"

/// Packs the panels of every group; `layout` addresses the columns of all groups.
void swl_f32_conv_pack_groups(swl_isa isa, const swl_f32_conv_params *params, swl_f32_weight_layout layout,
                              void *packed);

/// Computes columns `columns` of output rows `rows` of batches * out_height.
void swl_f32_conv_part(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const float *input,
                       float *output, void *scratch, swl_range rows, swl_range columns);

#endif
