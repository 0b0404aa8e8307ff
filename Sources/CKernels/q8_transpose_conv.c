// 8-bit transposed convolution: each phase of the stride is a convolution of its own; see transpose_phases.h.
#include "q8_internal.h"
#include "transpose_phases.h"

static swl_transposed transposed(const swl_q8_layer *l) {
  return (swl_transposed){
      .rows = {(size_t)l->out_h, (size_t)l->kernel_h, (size_t)l->stride_h, (size_t)l->pad_top},
      .columns = {(size_t)l->out_w, (size_t)l->kernel_w, (size_t)l->stride_w, (size_t)l->pad_left},
      .in_channels = (size_t)l->in_c,
      .out_channels = (size_t)l->out_c,
  };
}

/// The convolution that a part is, of one picture.
static swl_q8_layer layer_of(const swl_q8_layer *l, const swl_transposed_part *part) {
  swl_q8_layer layer = *l;
  layer.batch = 1;
  layer.out_h = (int32_t)part->rows.count;
  layer.out_w = (int32_t)part->columns.count;
  layer.out_c = l->out_c * (int32_t)part->joined;
  layer.kernel_h = (int32_t)part->rows.taps;
  layer.kernel_w = (int32_t)part->columns.taps;
  layer.stride_h = layer.stride_w = layer.dilation_h = layer.dilation_w = layer.groups = 1;
  layer.pad_top = (int32_t)part->rows.pad;
  layer.pad_left = (int32_t)part->columns.pad;
  layer.output_row = (size_t)l->stride_h * (size_t)l->out_w * (size_t)l->out_c;
  layer.output_pixel = (size_t)l->stride_w * (size_t)l->out_c;
  return layer;
}

/// Packed memory begins with the place of each part, 64 bits, and an output pixel without any products.
static size_t header_bytes(const swl_q8_layer *l, size_t parts) {
  const size_t pixel = swl_q8_product((size_t)l->out_c, swl_q8_element_bytes(l));
  return swl_q8_align(swl_q8_sum(swl_q8_product(parts, sizeof(uint64_t)), pixel));
}

size_t swl_q8_transpose_conv_packed_bytes(swl_isa isa, const swl_q8_layer *layer) {
  const swl_transposed t = transposed(layer);
  const size_t parts = swl_transposed_parts(&t);
  size_t bytes = header_bytes(layer, parts);
  for (size_t i = 0; i < parts; i++) {
    const swl_transposed_part part = swl_transposed_part_of(&t, i);
    const swl_q8_layer of = layer_of(layer, &part);
    if (!swl_transposed_is_empty(&part))
      bytes = swl_q8_sum(bytes, swl_q8_align(swl_q8_conv_packed_bytes(isa, &of)));
  }
  return bytes;
}

size_t swl_q8_transpose_conv_scratch_bytes(swl_isa isa, const swl_q8_layer *layer) {
  const swl_transposed t = transposed(layer);
  size_t most = 0;
  for (size_t i = 0; i < swl_transposed_parts(&t); i++) {
    const swl_transposed_part part = swl_transposed_part_of(&t, i);
    const swl_q8_layer of = layer_of(layer, &part);
    const size_t bytes = swl_transposed_is_empty(&part) ? 0 : swl_q8_conv_scratch_bytes(isa, &of);
    most = bytes > most ? bytes : most;
  }
  return most;
}

static size_t bias_bytes(const swl_q8_layer *l) { return l->has_wide_bias ? 8 : 4; }

static size_t scale_bytes(const swl_q8_layer *l) { return l->is_wide ? sizeof(double) : sizeof(float); }

size_t swl_q8_transpose_conv_gathered_bytes(const swl_q8_layer *layer) {
  const swl_transposed t = transposed(layer);
  return swl_transposed_gathered_bytes(&t, 1, bias_bytes(layer) + scale_bytes(layer));
}

size_t swl_q8_transpose_conv_units(const swl_q8_layer *layer) {
  const swl_transposed t = transposed(layer);
  return layer->out_w == 0 || layer->out_c == 0 ? 0 : (size_t)layer->batch * swl_transposed_row_groups(&t);
}

/// What an output pixel holds that no tap falls onto.
static void pack_gap(const swl_q8_layer *layer, const void *bias, const void *scales, uint8_t *pixel) {
  const swl_q8_output output = swl_q8_output_make(layer, true);
  for (size_t c = 0; c < (size_t)layer->out_c; c++) {
    const int64_t sum = swl_q8_bias(layer, bias, c);
    if (layer->is_wide) {
      const int16_t value = swl_q8_requantize_wide((double)sum, ((const double *)scales)[c], &output);
      memcpy(pixel + 2 * c, &value, 2);
    } else {
      pixel[c] = (uint8_t)swl_q8_requantize((uint32_t)sum, ((const float *)scales)[c], &output) ^ output.flip;
    }
  }
}

void swl_q8_transpose_conv_pack(swl_isa isa, const swl_q8_layer *layer, const void *weights, const void *bias,
                                const void *scales, void *gathered, void *packed) {
  const swl_transposed t = transposed(layer);
  const size_t parts = swl_transposed_parts(&t), channels = (size_t)layer->out_c;
  uint8_t *const base = packed;
  pack_gap(layer, bias, scales, base + parts * sizeof(uint64_t));
  uint64_t place = header_bytes(layer, parts);
  for (size_t i = 0; i < parts; i++) {
    const swl_transposed_part part = swl_transposed_part_of(&t, i);
    const swl_q8_layer of = layer_of(layer, &part);
    memcpy(base + i * sizeof place, &place, sizeof place);
    if (swl_transposed_is_empty(&part))
      continue;
    uint8_t *behind = swl_transposed_gather(&t, &part, weights, 1, layer->weight_zero_point, gathered);
    const void *repeated_scales = swl_transposed_repeat(&t, &part, scales, scale_bytes(layer), behind);
    behind += channels * part.joined * scale_bytes(layer);
    const void *repeated_bias = swl_transposed_repeat(&t, &part, bias, bias_bytes(layer), behind);
    swl_q8_conv_pack(isa, &of, gathered, repeated_bias, repeated_scales, base + place);
    place += swl_q8_align(swl_q8_conv_packed_bytes(isa, &of));
  }
}

/// What the pixels of the row groups first..<last hold without any products.
static void fill_gaps(const swl_q8_layer *l, const uint8_t *pixel, uint8_t *image, size_t first, size_t last) {
  const size_t bytes = (size_t)l->out_c * swl_q8_element_bytes(l), stride = (size_t)l->stride_h;
  const size_t rows = (size_t)l->out_h, end = last * stride < rows ? last * stride : rows;
  const size_t pixels = (end - first * stride) * (size_t)l->out_w;
  uint8_t *out = image + first * stride * (size_t)l->out_w * bytes;
  for (size_t i = 0; i < pixels; i++, out += bytes)
    memcpy(out, pixel, bytes);
}

/// Row groups first..<last of one picture.
static void run_groups(swl_isa isa, const swl_q8_layer *l, const swl_transposed *t, const uint8_t *packed,
                       const uint8_t *input, uint8_t *output, void *scratch, size_t first, size_t last) {
  const size_t parts = swl_transposed_parts(t), element = swl_q8_element_bytes(l);
  if (swl_transposed_has_gaps(t))
    fill_gaps(l, packed + parts * sizeof(uint64_t), output, first, last);
  for (size_t i = 0; i < parts; i++) {
    const swl_transposed_part part = swl_transposed_part_of(t, i);
    const size_t end = last < part.rows.count ? last : part.rows.count;
    if (swl_transposed_is_empty(&part) || first >= end)
      continue;
    const swl_q8_layer of = layer_of(l, &part);
    const size_t pixel = part.rows.first * (size_t)l->out_w + part.columns.first;
    uint64_t place;
    memcpy(&place, packed + i * sizeof place, sizeof place);
    swl_q8_conv_run(isa, &of, packed + place, input, output + pixel * (size_t)l->out_c * element, scratch, first, end);
  }
}

void swl_q8_transpose_conv_run(swl_isa isa, const swl_q8_layer *layer, const void *packed, const void *input,
                               void *output, void *scratch, size_t begin, size_t end) {
  const swl_transposed t = transposed(layer);
  const size_t groups = swl_transposed_row_groups(&t), element = swl_q8_element_bytes(layer);
  const size_t in_bytes = (size_t)layer->in_h * (size_t)layer->in_w * (size_t)layer->in_c * element;
  const size_t out_bytes = (size_t)layer->out_h * (size_t)layer->out_w * (size_t)layer->out_c * element;
  const size_t step = swl_transposed_groups_at_once(&t, element);
  for (size_t unit = begin, count; unit < end; unit += count) {
    const size_t image = unit / groups, first = unit % groups, left = end - unit;
    count = groups - first < step ? groups - first : step;
    count = left < count ? left : count;
    run_groups(isa, layer, &t, packed, (const uint8_t *)input + image * in_bytes, (uint8_t *)output + image * out_bytes,
               scratch, first, first + count);
  }
}
