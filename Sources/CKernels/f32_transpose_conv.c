// Float32 transposed convolution: each phase of the stride is a convolution of its own; see transpose_phases.h.
#include "f32_conv.h"
#include "transpose_phases.h"
#include <stdint.h>
#include <string.h>

static swl_transposed transposed(const swl_f32_conv_params *p) {
  return (swl_transposed){
      .rows = {p->out_height, p->kernel_height, p->stride_height, p->pad_top},
      .columns = {p->out_width, p->kernel_width, p->stride_width, p->pad_left},
      .in_channels = p->in_channels,
      .out_channels = p->out_channels,
  };
}

/// The convolution that a part is, of one picture.
static swl_f32_conv_params params_of(const swl_f32_conv_params *p, const swl_transposed_part *part) {
  swl_f32_conv_params of = *p;
  of.batches = 1;
  of.out_height = part->rows.count;
  of.out_width = part->columns.count;
  of.out_channels = p->out_channels * part->joined;
  of.kernel_height = part->rows.taps;
  of.kernel_width = part->columns.taps;
  of.stride_height = of.stride_width = of.dilation_height = of.dilation_width = of.groups = 1;
  of.pad_top = part->rows.pad;
  of.pad_left = part->columns.pad;
  of.output_row = p->stride_height * p->out_width * p->out_channels;
  of.output_pixel = p->stride_width * p->out_channels;
  return of;
}

static size_t align(size_t bytes) { return bytes > SIZE_MAX - 63 ? SIZE_MAX : (bytes + 63) & ~(size_t)63; }

/// Packed memory begins with the place of each part, 64 bits, and an output pixel without any products.
static size_t header_bytes(const swl_f32_conv_params *p, size_t parts) {
  return align(parts * sizeof(uint64_t) + p->out_channels * sizeof(float));
}

size_t swl_f32_transpose_conv_packed_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  const swl_transposed t = transposed(params);
  const size_t parts = swl_transposed_parts(&t);
  size_t bytes = header_bytes(params, parts);
  for (size_t i = 0; i < parts; i++) {
    const swl_transposed_part part = swl_transposed_part_of(&t, i);
    const swl_f32_conv_params of = params_of(params, &part);
    if (!swl_transposed_is_empty(&part))
      bytes += align(swl_f32_conv_packed_bytes(isa, &of));
  }
  return bytes;
}

size_t swl_f32_transpose_conv_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  const swl_transposed t = transposed(params);
  size_t most = 0;
  for (size_t i = 0; i < swl_transposed_parts(&t); i++) {
    const swl_transposed_part part = swl_transposed_part_of(&t, i);
    const swl_f32_conv_params of = params_of(params, &part);
    const size_t bytes = swl_transposed_is_empty(&part) ? 0 : swl_f32_conv_scratch_bytes(isa, &of);
    most = bytes > most ? bytes : most;
  }
  return most;
}

size_t swl_f32_transpose_conv_gathered_bytes(const swl_f32_conv_params *params) {
  const swl_transposed t = transposed(params);
  return swl_transposed_gathered_bytes(&t, sizeof(float), sizeof(float));
}

size_t swl_f32_transpose_conv_units(const swl_f32_conv_params *params) {
  const swl_transposed t = transposed(params);
  return params->out_width == 0 ? 0 : params->batches * swl_transposed_row_groups(&t);
}

static float clamp(const swl_f32_conv_params *p, float value) {
  const float raised = value < p->minimum ? p->minimum : value;
  return raised > p->maximum ? p->maximum : raised;
}

/// What an output pixel holds that no tap falls onto.
static void pack_gap(const swl_f32_conv_params *p, const void *bias, uint8_t *pixel) {
  for (size_t c = 0; c < p->out_channels; c++) {
    float value = 0;
    if (bias)
      memcpy(&value, (const uint8_t *)bias + c * sizeof value, sizeof value);
    value = clamp(p, value);
    memcpy(pixel + c * sizeof value, &value, sizeof value);
  }
}

void swl_f32_transpose_conv_pack(swl_isa isa, const swl_f32_conv_params *params, const void *weights, const void *bias,
                                 void *gathered, void *packed) {
  const swl_transposed t = transposed(params);
  const size_t parts = swl_transposed_parts(&t);
  uint8_t *const base = packed;
  pack_gap(params, bias, base + parts * sizeof(uint64_t));
  uint64_t place = header_bytes(params, parts);
  for (size_t i = 0; i < parts; i++) {
    const swl_transposed_part part = swl_transposed_part_of(&t, i);
    const swl_f32_conv_params of = params_of(params, &part);
    memcpy(base + i * sizeof place, &place, sizeof place);
    if (swl_transposed_is_empty(&part))
      continue;
    void *behind = swl_transposed_gather(&t, &part, weights, sizeof(float), 0, gathered);
    const void *repeated_bias = swl_transposed_repeat(&t, &part, bias, sizeof(float), behind);
    swl_f32_conv_pack(isa, &of, gathered, repeated_bias, base + place);
    place += align(swl_f32_conv_packed_bytes(isa, &of));
  }
}

/// What the pixels of the row groups first..<last hold without any products.
static void fill_gaps(const swl_f32_conv_params *p, const uint8_t *pixel, float *image, size_t first, size_t last) {
  const size_t channels = p->out_channels, rows = p->out_height, stride = p->stride_height;
  const size_t end = last * stride < rows ? last * stride : rows;
  float *out = image + first * stride * p->out_width * channels;
  for (size_t i = 0; i < (end - first * stride) * p->out_width; i++, out += channels)
    memcpy(out, pixel, channels * sizeof *out);
}

/// Row groups first..<last of one picture.
static void run_groups(swl_isa isa, const swl_f32_conv_params *p, const swl_transposed *t, const uint8_t *packed,
                       const float *input, float *output, void *scratch, size_t first, size_t last) {
  const size_t parts = swl_transposed_parts(t);
  if (swl_transposed_has_gaps(t))
    fill_gaps(p, packed + parts * sizeof(uint64_t), output, first, last);
  for (size_t i = 0; i < parts; i++) {
    const swl_transposed_part part = swl_transposed_part_of(t, i);
    const size_t end = last < part.rows.count ? last : part.rows.count;
    if (swl_transposed_is_empty(&part) || first >= end)
      continue;
    const swl_f32_conv_params of = params_of(p, &part);
    const size_t pixel = part.rows.first * p->out_width + part.columns.first;
    uint64_t place;
    memcpy(&place, packed + i * sizeof place, sizeof place);
    swl_f32_conv_part(isa, &of, packed + place, input, output + pixel * p->out_channels, scratch,
                      (swl_range){first, end}, (swl_range){0, of.out_width});
  }
}

void swl_f32_transpose_conv(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const float *input,
                            float *output, void *scratch, size_t begin, size_t end) {
  const swl_transposed t = transposed(params);
  const size_t groups = swl_transposed_row_groups(&t), step = swl_transposed_groups_at_once(&t, sizeof(float));
  const size_t in_elements = params->in_height * params->in_width * params->in_channels;
  const size_t out_elements = params->out_height * params->out_width * params->out_channels;
  for (size_t unit = begin, count; unit < end; unit += count) {
    const size_t image = unit / groups, first = unit % groups, left = end - unit;
    count = groups - first < step ? groups - first : step;
    count = left < count ? left : count;
    run_groups(isa, params, &t, packed, input + image * in_elements, output + image * out_elements, scratch, first,
               first + count);
  }
}
