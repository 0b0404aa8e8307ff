#include "f32_conv.h"
#include "f32_geometry.h"
#include <string.h>

// One filter per input channel: panels of channels, the windows read in place, taps outside the input left out. Several
// filters per channel: a convolution with as many groups as input channels.

static bool is_single(const swl_f32_conv_params *p) { return p->in_channels == p->out_channels; }

static swl_f32_conv_params grouped(const swl_f32_conv_params *p) {
  swl_f32_conv_params groups = *p;
  groups.groups = p->in_channels;
  return groups;
}

static size_t panel_width(const swl_f32_kernels *kernels, size_t remaining) {
  return remaining > kernels->depthwise_narrow ? kernels->depthwise_width : kernels->depthwise_narrow;
}

static size_t area(const swl_f32_conv_params *p) { return p->kernel_height * p->kernel_width; }

size_t swl_f32_depthwise_packed_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  if (!is_single(params)) {
    swl_f32_conv_params groups = grouped(params);
    return swl_f32_conv_packed_bytes(isa, &groups);
  }
  const swl_f32_kernels *kernels = swl_f32_kernels_for(isa);
  size_t channels = 0;
  while (channels < params->out_channels)
    channels += panel_width(kernels, params->out_channels - channels);
  return channels * (1 + area(params)) * sizeof(float);
}

size_t swl_f32_depthwise_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  if (is_single(params))
    return 0;
  swl_f32_conv_params groups = grouped(params);
  return swl_f32_conv_scratch_bytes(isa, &groups);
}

static float load(const unsigned char *base, size_t index) {
  float value;
  memcpy(&value, base + index * sizeof value, sizeof value);
  return value;
}

/// The bias, then the taps in the order of the sum: column by column.
static void pack_panel(const swl_f32_conv_params *p, swl_f32_weight_layout layout, size_t first, size_t present,
                       size_t width, float *panel) {
  for (size_t c = 0; c < width; c++) {
    panel[c] = c < present && layout.bias ? load(layout.bias, first + c) : 0;
    float *taps = panel + width + c;
    for (size_t kx = 0; kx < p->kernel_width; kx++)
      for (size_t ky = 0; ky < p->kernel_height; ky++, taps += width) {
        size_t tap = ky * p->kernel_width + kx;
        *taps = c < present ? load(layout.weights, tap * layout.depth_stride + first + c) : 0;
      }
  }
}

void swl_f32_depthwise_pack(swl_isa isa, const swl_f32_conv_params *params, const void *weights, const void *bias,
                            void *packed) {
  const size_t channels = params->out_channels;
  swl_f32_weight_layout layout = {.weights = weights, .bias = bias, .column_stride = 1, .depth_stride = channels};
  if (!is_single(params)) {
    swl_f32_conv_params groups = grouped(params);
    swl_f32_conv_pack_groups(isa, &groups, layout, packed);
    return;
  }
  const swl_f32_kernels *kernels = swl_f32_kernels_for(isa);
  float *panel = packed;
  for (size_t c = 0; c < channels;) {
    size_t width = panel_width(kernels, channels - c);
    pack_panel(params, layout, c, channels - c < width ? channels - c : width, width, panel);
    panel += width * (1 + area(params));
    c += width;
  }
}

/// Pixels that all channels of are computed before the next ones' where the input of a row of outputs is larger than a
/// first-level cache can keep until all panels have passed, in elements.
enum { TOGETHER = 8, CACHED = 6 * 1024 };

static void compute_row(const swl_f32_kernels *kernels, const swl_f32_conv_params *p, const float *packed,
                        const float *input, float *output, size_t row, swl_range inside) {
  const size_t channels = p->in_channels;
  const ptrdiff_t first_row = swl_first_row(p, row % p->out_height);
  const swl_range rows = swl_taps_inside(first_row, p->kernel_height, p->dilation_height, p->in_height);
  size_t y = rows.begin < rows.end ? (size_t)(first_row + (ptrdiff_t)(rows.begin * p->dilation_height)) : 0;
  const float *top = input + (row / p->out_height * p->in_height + y) * p->in_width * channels;
  swl_f32_depthwise_run run = {
      .pixel_stride = p->stride_width * channels,
      .column_stride = p->dilation_width * channels,
      .row_taps = rows.end - rows.begin,
      .row_stride = p->dilation_height * p->in_width * channels,
      .packed = packed,
      .kernel_height = p->kernel_height,
      .kernel_area = area(p),
      .channels = channels,
      .minimum = p->minimum,
      .maximum = p->maximum,
  };
  const size_t together = run.pixel_stride * p->out_width * p->kernel_height > CACHED ? TOGETHER : p->out_width;
  for (size_t x = 0; x < p->out_width;) {
    ptrdiff_t first_column = swl_first_column(p, x);
    swl_range columns = swl_taps_inside(first_column, p->kernel_width, p->dilation_width, p->in_width);
    size_t left =
        columns.begin < columns.end ? (size_t)(first_column + (ptrdiff_t)(columns.begin * p->dilation_width)) : 0;
    size_t pixels = x >= inside.begin && x < inside.end ? inside.end - x : 1;
    pixels = pixels < together ? pixels : together;
    run.input = top + left * channels;
    run.column_taps = columns.end - columns.begin;
    run.first_tap = columns.begin * p->kernel_height + rows.begin;
    run.output = output + (row * p->out_width + x) * channels;
    kernels->depthwise(&run, pixels);
    x += pixels;
  }
}

void swl_f32_depthwise(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const float *input,
                       float *output, void *scratch, size_t row_begin, size_t row_end) {
  if (!is_single(params)) {
    swl_f32_conv_params groups = grouped(params);
    swl_f32_conv_part(isa, &groups, packed, input, output, scratch, (swl_range){row_begin, row_end},
                      (swl_range){0, groups.out_width});
    return;
  }
  if (params->out_channels == 0)
    return;
  const swl_f32_kernels *kernels = swl_f32_kernels_for(isa);
  const swl_range inside = swl_outputs_inside(params);
  for (size_t row = row_begin; row < row_end; row++)
    compute_row(kernels, params, packed, input, output, row, inside);
}
