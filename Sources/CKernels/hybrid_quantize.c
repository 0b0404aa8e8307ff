#include "f32_geometry.h"
#include "hybrid_layout.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

/// The zero point that lies nearer to its exact value: that of the end of the range which is smaller in magnitude.
static float zero_point(float minimum, float maximum, float scale) {
  float from_minimum = -128.0f - minimum * scale, from_maximum = 127.0f - maximum * scale;
  float zero = (-128.0f + minimum * scale) + (127.0f + maximum * scale) > 0 ? from_minimum : from_maximum;
  zero = zero > -128.0f ? zero : -128.0f;
  zero = zero < 127.0f ? zero : 127.0f;
  return rintf(zero);
}

static swl_hybrid_quantizer quantizer_of(swl_hybrid_storage storage, float minimum, float maximum,
                                         swl_hybrid_group *group) {
  float scale = minimum == maximum ? 1.0f : 255.0f / (maximum - minimum);
  float zero = zero_point(minimum, maximum, scale);
  swl_hybrid_quantizer quantizer = {
      .scale = scale,
      .lowest = -128.0f - zero,
      .highest = 127.0f - zero,
      .zero = storage == SWL_HYBRID_WIDE       ? 0
              : storage == SWL_HYBRID_UNSIGNED ? (int32_t)zero + 128
                                               : (int32_t)zero,
  };
  *group = (swl_hybrid_group){.scale = 1.0f / scale, .zero = quantizer.zero};
  return quantizer;
}

size_t swl_hybrid_quantization_groups(const swl_f32_conv_params *params) {
  return swl_is_pointwise(params) ? params->batches * params->in_height * params->in_width : params->batches;
}

size_t swl_hybrid_quantized_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  swl_hybrid_layout layout = swl_hybrid_layout_of(swl_hybrid_kernels_for(isa), params);
  return layout.group_bytes + swl_hybrid_quantization_groups(params) * layout.bytes_per_group;
}

void swl_hybrid_quantize(swl_isa isa, const swl_f32_conv_params *params, const float *input, void *quantized,
                         size_t begin, size_t end) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const swl_hybrid_layout layout = swl_hybrid_layout_of(kernels, params);
  swl_hybrid_group *groups = quantized;
  for (size_t g = begin; g < end; g++) {
    const float *numbers = input + g * layout.count;
    unsigned char *stored = (unsigned char *)quantized + layout.group_bytes + g * layout.bytes_per_group;
    float minimum, maximum;
    kernels->range(numbers, layout.count, &minimum, &maximum);
    swl_hybrid_quantizer quantizer = quantizer_of(kernels->storage, minimum, maximum, &groups[g]);
    kernels->quantize(numbers, layout.count, &quantizer, stored);
    size_t used = layout.count * layout.element_bytes;
    memset(stored + used, 0, layout.bytes_per_group - used);
  }
}
