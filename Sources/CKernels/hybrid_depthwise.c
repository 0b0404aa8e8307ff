// The depthwise kernels for int8 with a float32 output. Packed: scales, biases, and what those kernels pack, where the
// sum of each channel's weights stands in for its bias.
#include "hybrid_kernels.h"
#include "q8_kernels.h"

/// Input channels are repeated while they are quantized.
static swl_q8_layer repeated(const swl_q8_layer *layer) {
  swl_q8_layer result = *layer;
  result.in_c = layer->out_c;
  return result;
}

static size_t picture_values(const swl_q8_layer *layer) {
  return swl_q8_product(swl_q8_product((size_t)layer->in_h, (size_t)layer->in_w), (size_t)layer->out_c);
}

static size_t group_bytes(const swl_q8_layer *layer) {
  return swl_q8_align(swl_q8_product((size_t)layer->batch, sizeof(swl_hybrid_group)));
}

size_t swl_hybrid_depthwise_quantized_bytes(const swl_q8_layer *layer) {
  return swl_q8_sum(group_bytes(layer), swl_q8_product((size_t)layer->batch, picture_values(layer)));
}

void swl_hybrid_depthwise_quantize(swl_isa isa, const swl_q8_layer *layer, const float *input, void *quantized,
                                   size_t begin, size_t end) {
  const size_t values = picture_values(layer), multiplier = (size_t)(layer->out_c / layer->in_c);
  const size_t count = values / multiplier;
  swl_hybrid_group *groups = quantized;
  for (size_t image = begin; image < end; image++) {
    int8_t *picture = (int8_t *)quantized + group_bytes(layer) + image * values;
    // Behind the space for the repetitions, which never overtake what is still to be read.
    const int8_t *single = picture + values - count;
    groups[image] =
        swl_hybrid_quantize_row(isa, SWL_HYBRID_ASYMMETRIC, input + image * count, count, picture + values - count);
    if (multiplier > 1)
      for (size_t i = 0; i < count; i++)
        memset(picture + i * multiplier, single[i], multiplier);
  }
}

static size_t start_bytes(const swl_q8_layer *layer) { return swl_q8_float_channels(layer) * sizeof(int32_t); }

/// Scales and biases before the packed kernels.
static size_t float_bytes(const swl_q8_layer *layer) { return 2 * swl_q8_float_channels(layer) * sizeof(float); }

size_t swl_hybrid_depthwise_packed_bytes(swl_isa isa, const swl_q8_layer *layer) {
  const swl_q8_layer plain = repeated(layer);
  return swl_q8_sum(float_bytes(layer), swl_q8_depthwise_packed_bytes(isa, &plain));
}

size_t swl_hybrid_depthwise_scratch_bytes(swl_isa isa, const swl_q8_layer *layer) {
  const swl_q8_layer plain = repeated(layer);
  return swl_q8_sum(start_bytes(layer), swl_q8_depthwise_scratch_bytes(isa, &plain));
}

void swl_hybrid_depthwise_pack(swl_isa isa, const swl_q8_layer *layer, const void *weights, const float *scales,
                               const void *bias, void *packed) {
  swl_q8_layer plain = repeated(layer);
  const swl_q8_depthwise *kernel = swl_q8_depthwise_for(isa, &plain);
  // The kernels start at the bias minus the sum times the zero point of the activations as they multiply them.
  plain.input_zero_point = kernel != NULL && kernel->unsigned_activations ? -129 : -1;
  const size_t channels = (size_t)layer->out_c;
  uint8_t *biases = (uint8_t *)packed + float_bytes(layer) / 2;
  memset(packed, 0, float_bytes(layer));
  memcpy(packed, scales, channels * sizeof(float));
  if (bias)
    memcpy(biases, bias, channels * sizeof(float));
  swl_q8_depthwise_pack(isa, &plain, weights, NULL, scales, (uint8_t *)packed + float_bytes(layer));
}

void swl_hybrid_depthwise_run(swl_isa isa, const swl_q8_layer *layer, swl_hybrid_limits limits, const void *packed,
                              const void *quantized, float *output, void *scratch, size_t begin, size_t end) {
  swl_q8_layer plain = repeated(layer);
  const uint8_t *kernels = (const uint8_t *)packed + float_bytes(layer);
  const int8_t *pictures = (const int8_t *)quantized + group_bytes(layer);
  const size_t rows = (size_t)layer->out_h;
  swl_q8_float_output floats = {
      .scales = packed,
      .biases = (const float *)packed + swl_q8_float_channels(layer),
      .starts = scratch,
      .minimum = limits.minimum,
      .maximum = limits.maximum,
  };
  while (begin < end) {
    const size_t image = begin / rows, next = (image + 1) * rows, last = next < end ? next : end;
    const swl_hybrid_group group = ((const swl_hybrid_group *)quantized)[image];
    plain.input_zero_point = group.zero;
    floats.scale = group.scale;
    swl_q8_depthwise_run_float(isa, &plain, kernels, pictures, output, (uint8_t *)scratch + start_bytes(layer), &floats,
                               begin, last);
    begin = last;
  }
}
