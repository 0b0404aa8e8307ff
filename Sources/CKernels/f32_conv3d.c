#include "swl_conv3d.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

// The input position of an element of a window; negative, or beyond the input, where there is padding.
static ptrdiff_t position(const swl_conv3d_axis *axis, ptrdiff_t output, ptrdiff_t element) {
  return output * axis->stride - axis->padding + element * axis->dilation;
}

static int is_inside(const swl_conv3d_axis *axis, ptrdiff_t at) { return at >= 0 && at < axis->input; }

// The first output whose window element lies in the input, and the first behind the last such.
static void covered(const swl_conv3d_axis *axis, ptrdiff_t element, ptrdiff_t *first, ptrdiff_t *last) {
  const ptrdiff_t offset = element * axis->dilation - axis->padding;
  *first = offset >= 0 ? 0 : (-offset + axis->stride - 1) / axis->stride;
  *last = axis->input - 1 < offset ? 0 : (axis->input - 1 - offset) / axis->stride + 1;
  if (*last > axis->output)
    *last = axis->output;
}

// Adds what one element of the window gives to the outputs of a row.
static void add_row(const swl_conv3d_params *params, const float *line, ptrdiff_t element, const float *weights,
                    float *row) {
  const size_t in = params->in_channels, out = params->out_channels;
  ptrdiff_t first, last;
  covered(&params->width, element, &first, &last);
  for (ptrdiff_t x = first; x < last; x++) {
    const float *source = line + (size_t)position(&params->width, x, element) * in;
    float *sum = row + (size_t)x * out;
    for (size_t i = 0; i < in; i++) {
      const float value = source[i];
      const float *w = weights + i * out;
      for (size_t o = 0; o < out; o++)
        sum[o] += value * w[o];
    }
  }
}

static void finish_row(const swl_conv3d_params *params, const float *bias, float *row) {
  const size_t out = params->out_channels;
  for (ptrdiff_t x = 0; x < params->width.output; x++, row += out) {
    for (size_t o = 0; o < out; o++) {
      float value = bias ? row[o] + bias[o] : row[o];
      value = value < params->minimum ? params->minimum : value;
      row[o] = value > params->maximum ? params->maximum : value;
    }
  }
}

void swl_f32_conv3d(const swl_conv3d_params *params, const float *input, const float *weights, const float *bias,
                    float *output, size_t begin, size_t end) {
  const swl_conv3d_axis *depth = &params->depth, *height = &params->height, *width = &params->width;
  const size_t row_elements = (size_t)width->output * params->out_channels;
  const size_t line_elements = (size_t)width->input * params->in_channels;
  const size_t tap_elements = params->in_channels * params->out_channels;
  for (size_t index = begin; index < end; index++) {
    const ptrdiff_t y = (ptrdiff_t)index % height->output;
    const ptrdiff_t z = (ptrdiff_t)index / height->output % depth->output;
    const ptrdiff_t batch = (ptrdiff_t)index / height->output / depth->output;
    float *row = output + index * row_elements;
    memset(row, 0, row_elements * sizeof *row);
    for (ptrdiff_t d = 0; d < depth->window; d++) {
      const ptrdiff_t in_z = position(depth, z, d);
      if (!is_inside(depth, in_z))
        continue;
      for (ptrdiff_t h = 0; h < height->window; h++) {
        const ptrdiff_t in_y = position(height, y, h);
        if (!is_inside(height, in_y))
          continue;
        const float *line = input + (size_t)((batch * depth->input + in_z) * height->input + in_y) * line_elements;
        const float *tap = weights + (size_t)((d * height->window + h) * width->window) * tap_elements;
        for (ptrdiff_t w = 0; w < width->window; w++)
          add_row(params, line, w, tap + (size_t)w * tap_elements, row);
      }
    }
    finish_row(params, bias, row);
  }
}
