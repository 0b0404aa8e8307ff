#include "hybrid_layout.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF

/// The zero point that lies nearer to its exact value: that of the end of the range which is smaller in magnitude.
static float zero_point(float minimum, float maximum, float scale) {
  float from_minimum = -128.0f - minimum * scale, from_maximum = 127.0f - maximum * scale;
  float zero = (-128.0f + minimum * scale) + (127.0f + maximum * scale) > 0 ? from_minimum : from_maximum;
  zero = zero > -128.0f ? zero : -128.0f;
  zero = zero < 127.0f ? zero : 127.0f;
  // Adding 1.5 * 2^23 rounds a small number to the nearest integer, ties to even.
  return (zero + 0x1.8p23f) - 0x1.8p23f;
}

/// Pixels that go through each stage together: the stages of one wait for each other, those of several do not.
enum { BLOCK = 32 };

/// What a range of numbers is multiplied by.
static float scale_of(float minimum, float maximum) { return minimum == maximum ? 1.0f : 255.0f / (maximum - minimum); }

static swl_hybrid_quantizer quantizer_of(swl_hybrid_storage storage, float scale, float zero_point) {
  const int32_t zero = (int32_t)zero_point;
  return (swl_hybrid_quantizer){
      .scale = scale,
      .lowest = -128.0f - zero_point,
      .highest = 127.0f - zero_point,
      .zero = storage == SWL_HYBRID_WIDE       ? 0
              : storage == SWL_HYBRID_UNSIGNED ? zero + 128
                                               : zero,
  };
}

/// The quantizers of `count` groups, at most BLOCK. Divisions of several groups share vectors.
static void make_quantizers(swl_hybrid_storage storage, const float *minima, const float *maxima, size_t count,
                            swl_hybrid_quantizer *quantizers, swl_hybrid_group *groups) {
  float scales[BLOCK], zeros[BLOCK], inverses[BLOCK];
  for (size_t g = 0; g < count; g++) {
    scales[g] = scale_of(minima[g], maxima[g]);
    zeros[g] = zero_point(minima[g], maxima[g], scales[g]);
    inverses[g] = 1.0f / scales[g];
  }
  for (size_t g = 0; g < count; g++) {
    quantizers[g] = quantizer_of(storage, scales[g], zeros[g]);
    groups[g] = (swl_hybrid_group){.scale = inverses[g], .zero = quantizers[g].zero};
  }
}

swl_hybrid_group swl_hybrid_quantize_group(const swl_hybrid_kernels *kernels, const float *input, size_t count,
                                           void *stored) {
  float minimum, maximum;
  kernels->range(input, count, &minimum, &maximum);
  const float scale = scale_of(minimum, maximum);
  const swl_hybrid_quantizer quantizer = quantizer_of(kernels->storage, scale, zero_point(minimum, maximum, scale));
  kernels->quantize(input, count, &quantizer, stored);
  return (swl_hybrid_group){.scale = 1.0f / scale, .zero = quantizer.zero};
}

size_t swl_hybrid_quantization_groups(const swl_f32_conv_params *params) {
  return swl_is_pointwise(params) ? params->batches * params->in_height * params->in_width : params->batches;
}

size_t swl_hybrid_quantized_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  swl_hybrid_layout layout = swl_hybrid_layout_of(swl_hybrid_kernels_for(isa), params);
  return swl_q8_sum(layout.group_bytes, swl_q8_product(swl_hybrid_quantization_groups(params), layout.bytes_per_group));
}

static void quantize_pixels(const swl_hybrid_kernels *kernels, const swl_hybrid_layout *layout, const float *input,
                            swl_hybrid_group *groups, unsigned char *stored, size_t count) {
  float minima[BLOCK], maxima[BLOCK];
  swl_hybrid_quantizer quantizers[BLOCK];
  const size_t used = layout->count * layout->element_bytes;
  for (size_t g = 0; g < count; g++)
    kernels->range(input + g * layout->count, layout->count, &minima[g], &maxima[g]);
  make_quantizers(kernels->storage, minima, maxima, count, quantizers, groups);
  for (size_t g = 0; g < count; g++, stored += layout->bytes_per_group) {
    kernels->quantize(input + g * layout->count, layout->count, &quantizers[g], stored);
    if (used < layout->bytes_per_group)
      memset(stored + used, 0, layout->bytes_per_group - used);
  }
}

/// One picture and its padding.
static void quantize_picture(const swl_hybrid_kernels *kernels, const swl_f32_conv_params *p,
                             const swl_hybrid_layout *layout, const float *input, swl_hybrid_group *group,
                             unsigned char *stored) {
  const size_t pixel = p->in_channels * layout->element_bytes, line = p->in_width * p->in_channels;
  const size_t left = p->pad_left < layout->width ? p->pad_left : layout->width;
  const size_t inside = p->in_width < layout->width - left ? p->in_width : layout->width - left;
  const size_t right = layout->width - left - inside;
  float minimum, maximum;
  kernels->range(input, layout->count, &minimum, &maximum);
  swl_hybrid_quantizer quantizer;
  make_quantizers(kernels->storage, &minimum, &maximum, 1, &quantizer, group);
  for (size_t y = 0; y < layout->height; y++, stored += layout->row_bytes) {
    if (y < p->pad_top || y - p->pad_top >= p->in_height) {
      memset(stored, quantizer.zero, layout->row_bytes);
      continue;
    }
    memset(stored, quantizer.zero, left * pixel);
    kernels->quantize(input + (y - p->pad_top) * line, inside * p->in_channels, &quantizer, stored + left * pixel);
    memset(stored + (left + inside) * pixel, quantizer.zero, right * pixel);
  }
  memset(stored, 0, layout->bytes_per_group - layout->height * layout->row_bytes);
}

void swl_hybrid_quantize(swl_isa isa, const swl_f32_conv_params *params, const float *input, void *quantized,
                         size_t begin, size_t end) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const swl_hybrid_layout layout = swl_hybrid_layout_of(kernels, params);
  const bool pointwise = swl_is_pointwise(params);
  swl_hybrid_group *groups = quantized;
  unsigned char *stored = (unsigned char *)quantized + layout.group_bytes;
  for (size_t g = begin; g < end; g += pointwise ? BLOCK : 1) {
    const float *from = input + g * layout.count;
    unsigned char *to = stored + g * layout.bytes_per_group;
    if (pointwise)
      quantize_pixels(kernels, &layout, from, groups + g, to, end - g < BLOCK ? end - g : BLOCK);
    else
      quantize_picture(kernels, params, &layout, from, groups + g, to);
  }
}
