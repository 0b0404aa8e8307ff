#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct family {
  const char *name;
  size_t (*packed_bytes)(swl_isa, const swl_f32_conv_params *);
  size_t (*scratch_bytes)(swl_isa, const swl_f32_conv_params *);
  void (*pack)(swl_isa, const swl_f32_conv_params *, const void *, const void *, void *);
  void (*run)(swl_isa, const swl_f32_conv_params *, const void *, const float *, float *, void *, size_t, size_t);
} family;

static const family convolution = {"convolution", swl_f32_conv_packed_bytes, swl_f32_conv_scratch_bytes,
                                   swl_f32_conv_pack, swl_f32_conv};
static const family depthwise = {"depthwise", swl_f32_depthwise_packed_bytes, swl_f32_depthwise_scratch_bytes,
                                 swl_f32_depthwise_pack, swl_f32_depthwise};

static size_t pick(random_source *source, int32_t low, int32_t high) { return (size_t)between(source, low, high); }

static swl_f32_conv_params random_layer(random_source *source, bool is_depthwise) {
  swl_f32_conv_params layer = {0};
  layer.batches = pick(source, 1, 2);
  layer.in_height = pick(source, 1, 12);
  layer.in_width = between(source, 0, 3) ? pick(source, 1, 12) : pick(source, 60, 200);
  layer.in_channels = pick(source, 1, 70);
  layer.out_channels = is_depthwise ? layer.in_channels * (between(source, 0, 3) == 0 ? 2 : 1)
                                    : pick(source, 1, between(source, 0, 1) ? 4 : 70);
  layer.kernel_height = pick(source, 1, 5);
  layer.kernel_width = pick(source, 1, 5);
  layer.stride_height = pick(source, 1, 2);
  layer.stride_width = pick(source, 1, 2);
  layer.dilation_height = layer.dilation_width = 1;
  layer.out_height = (layer.in_height + layer.stride_height - 1) / layer.stride_height;
  layer.out_width = (layer.in_width + layer.stride_width - 1) / layer.stride_width;
  layer.pad_top = pick(source, 0, (int32_t)layer.kernel_height - 1);
  layer.pad_left = pick(source, 0, (int32_t)layer.kernel_width - 1);
  layer.groups = 1;
  layer.bfloat16 = !is_depthwise && between(source, 0, 1);
  layer.minimum = between(source, 0, 1) ? 0 : -1e30f;
  layer.maximum = between(source, 0, 2) ? 1e30f : 6;
  return layer;
}

static int compare(const family *kernels, const swl_f32_conv_params *layer, random_source *source, uint64_t *digest) {
  bool is_depthwise = kernels == &depthwise;
  size_t weight_count = layer->kernel_height * layer->kernel_width * layer->out_channels;
  if (!is_depthwise)
    weight_count *= layer->in_channels;
  size_t in_count = layer->batches * layer->in_height * layer->in_width * layer->in_channels;
  size_t rows = layer->batches * layer->out_height, units = is_depthwise ? rows : swl_f32_conv_units(layer);
  size_t out_bytes = rows * layer->out_width * layer->out_channels * sizeof(float);
  float *weights = malloc(weight_count * sizeof(float)), *input = malloc(in_count * sizeof(float));
  float *bias = malloc(layer->out_channels * sizeof(float)), *expected = malloc(out_bytes), *output = malloc(out_bytes);
  fill_floats(source, weights, weight_count);
  fill_floats(source, input, in_count);
  fill_floats(source, bias, layer->out_channels);
  int failures = 0;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    // SSE4.1 has no fused multiply-add: its last bits differ, by the documented tolerance.
    if (!swl_isa_runnable((swl_isa)isa) || isa == SWL_ISA_SSE41)
      continue;
    void *packed = memory(kernels->packed_bytes((swl_isa)isa, layer));
    void *scratch = memory(kernels->scratch_bytes((swl_isa)isa, layer));
    kernels->pack((swl_isa)isa, layer, weights, bias, packed);
    float *target = isa == SWL_ISA_SCALAR ? expected : output;
    memset(target, 0xA5, out_bytes);
    kernels->run((swl_isa)isa, layer, packed, input, target, scratch, units / 3, units);
    kernels->run((swl_isa)isa, layer, packed, input, target, scratch, 0, units / 3);
    if (memcmp(expected, target, out_bytes) != 0) {
      printf("%s on %s differs from scalar: %zux%zux%zu kernel %zux%zu stride %zux%zu\n", kernels->name,
             swl_isa_name((swl_isa)isa), layer->in_height, layer->in_width, layer->in_channels, layer->kernel_height,
             layer->kernel_width, layer->stride_height, layer->stride_width);
      failures++;
    }
    free(packed);
    free(scratch);
  }
  digest_bytes(digest, expected, out_bytes);
  free(weights);
  free(input);
  free(bias);
  free(expected);
  free(output);
  return failures;
}

int check_f32(random_source *source, int layers, uint64_t *digest) {
  int failures = 0;
  for (int i = 0; i < layers; i++) {
    swl_f32_conv_params layer = random_layer(source, i % 2 == 0);
    failures += compare(i % 2 == 0 ? &depthwise : &convolution, &layer, source, digest);
  }
  return failures;
}
