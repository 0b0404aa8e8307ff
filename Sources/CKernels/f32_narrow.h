// Convolutions with few output channels, which would leave most lanes of a panel empty.
#ifndef F32_NARROW_H
#define F32_NARROW_H

#include "f32_geometry.h"
#include "f32_kernels.h"

/// Whether the layer is one of them, wide enough to fill vectors with pixels, and uses each element of its input often
/// enough to pay for laying it out anew.
static inline bool swl_is_narrow(const swl_f32_kernels *kernels, const swl_f32_conv_params *p) {
  enum { FEWEST_PIXELS = 8, FEW_CHANNELS = 4, FEWEST_USES = 4, FEWEST_USES_OF_MORE = 16 };
  const size_t uses = p->kernel_height * p->kernel_width / p->stride_width / p->stride_height;
  return p->out_channels <= kernels->narrow_columns && p->groups == 1 && p->output_row == 0 && p->stride_width <= 4 &&
         p->dilation_height == 1 && p->out_width >= FEWEST_PIXELS &&
         uses >= (p->out_channels <= FEW_CHANNELS ? FEWEST_USES : FEWEST_USES_OF_MORE);
}

size_t swl_f32_narrow_scratch_bytes(const swl_f32_conv_params *p);
/// Columns `columns` of output rows `rows` of all batches, with the one panel of weights that other layers use as well.
void swl_f32_narrow(const swl_f32_kernels *kernels, const swl_f32_conv_params *p, const float *packed,
                    const float *input, float *output, float *scratch, swl_range rows, swl_range columns);

#endif
