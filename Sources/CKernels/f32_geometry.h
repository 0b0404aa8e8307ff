// Where the windows of a convolution lie in its input: shared by the ordinary and the depthwise convolution.
#ifndef F32_GEOMETRY_H
#define F32_GEOMETRY_H

#include "swl_f32.h"

/// Indices [begin, end).
typedef struct swl_range {
  size_t begin, end;
} swl_range;

/// The taps of a window that lie inside an axis of `size` elements, when its first tap lies at `first`.
static inline swl_range swl_taps_inside(ptrdiff_t first, size_t taps, size_t dilation, size_t size) {
  swl_range range = {0, taps};
  if (first < 0)
    range.begin = ((size_t)-first + dilation - 1) / dilation;
  if (first + (ptrdiff_t)((taps - 1) * dilation) >= (ptrdiff_t)size)
    range.end = first < (ptrdiff_t)size ? ((size_t)((ptrdiff_t)size - first) + dilation - 1) / dilation : 0;
  if (range.begin > range.end)
    range.begin = range.end;
  return range;
}

/// The outputs of a row whose windows lie wholly inside the input.
static inline swl_range swl_outputs_inside(const swl_f32_conv_params *p) {
  size_t last_tap = (p->kernel_width - 1) * p->dilation_width, limit = p->in_width + p->pad_left;
  swl_range range;
  range.begin = (p->pad_left + p->stride_width - 1) / p->stride_width;
  range.end = limit > last_tap ? (limit - last_tap - 1) / p->stride_width + 1 : 0;
  if (range.end > p->out_width)
    range.end = p->out_width;
  if (range.begin > range.end)
    range.begin = range.end;
  return range;
}

/// The input row of the first tap of output row `y`; may be negative.
static inline ptrdiff_t swl_first_row(const swl_f32_conv_params *p, size_t y) {
  return (ptrdiff_t)(y * p->stride_height) - (ptrdiff_t)p->pad_top;
}

static inline ptrdiff_t swl_first_column(const swl_f32_conv_params *p, size_t x) {
  return (ptrdiff_t)(x * p->stride_width) - (ptrdiff_t)p->pad_left;
}

/// Elements of an input row from `column` on, `columns` of them: zeros, then `present` from the row's `first` on, then
/// zeros again.
typedef struct swl_row_span {
  size_t before, first, present, after;
} swl_row_span;

static inline swl_row_span swl_row_below(const swl_f32_conv_params *p, ptrdiff_t column, size_t columns) {
  const ptrdiff_t width = (ptrdiff_t)p->in_width, end = column + (ptrdiff_t)columns;
  const size_t channels = p->in_channels;
  ptrdiff_t first = column < 0 ? 0 : column, last = end > width ? width : end;
  if (first > last)
    first = last = column < 0 ? end : column;
  return (swl_row_span){.before = (size_t)(first - column) * channels,
                        .first = (size_t)first * channels,
                        .present = (size_t)(last - first) * channels,
                        .after = (size_t)(end - last) * channels};
}

/// Whether every output pixel depends on the input pixel at its place alone.
static inline bool swl_is_pointwise(const swl_f32_conv_params *p) {
  return p->kernel_height == 1 && p->kernel_width == 1 && p->stride_height == 1 && p->stride_width == 1 &&
         p->pad_top == 0 && p->pad_left == 0 && p->groups == 1 && p->out_width == p->in_width &&
         p->out_height == p->in_height && p->output_row == 0;
}

#endif
