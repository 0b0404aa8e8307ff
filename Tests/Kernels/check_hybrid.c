#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t pick(random_source *source, int32_t low, int32_t high) { return (size_t)between(source, low, high); }

/// Every other layer is pointwise, where each pixel has a scale of its own.
static swl_f32_conv_params random_layer(random_source *source, bool is_pointwise) {
  swl_f32_conv_params layer = {0};
  layer.batches = pick(source, 1, 2);
  layer.in_height = pick(source, 1, 9);
  layer.in_width = pick(source, 1, 9);
  layer.in_channels = pick(source, 1, 70);
  layer.out_channels = pick(source, 1, 70);
  layer.kernel_height = is_pointwise ? 1 : pick(source, 1, 4);
  layer.kernel_width = is_pointwise ? 1 : pick(source, 1, 4);
  layer.stride_height = is_pointwise ? 1 : pick(source, 1, 2);
  layer.stride_width = is_pointwise ? 1 : pick(source, 1, 2);
  layer.dilation_height = is_pointwise ? 1 : pick(source, 1, 2);
  layer.dilation_width = is_pointwise ? 1 : pick(source, 1, 2);
  layer.out_height = (layer.in_height + layer.stride_height - 1) / layer.stride_height;
  layer.out_width = (layer.in_width + layer.stride_width - 1) / layer.stride_width;
  layer.pad_top = pick(source, 0, (int32_t)layer.kernel_height - 1);
  layer.pad_left = pick(source, 0, (int32_t)layer.kernel_width - 1);
  layer.groups = 1;
  if (is_pointwise && between(source, 0, 2) == 0) {
    layer.batches = layer.in_height = layer.in_width = layer.out_height = layer.out_width = 1;
    layer.out_channels = pick(source, 1, 300);
  }
  if (!is_pointwise && between(source, 0, 3) == 0) {
    layer.groups = pick(source, 2, 4);
    layer.in_channels = layer.groups * pick(source, 1, 20);
    layer.out_channels = layer.groups * pick(source, 1, 40);
  }
  layer.minimum = between(source, 0, 1) ? 0 : -1e30f;
  layer.maximum = between(source, 0, 2) ? 1e30f : 6;
  static const size_t bits[] = {8, 8, 4, 2};
  layer.weight_bits = bits[between(source, 0, 3)];
  if (is_pointwise && between(source, 0, 3) == 0) {
    layer.weight_block = 4 * pick(source, 1, 9);
    layer.in_channels = layer.weight_block * pick(source, 1, 4);
  }
  return layer;
}

typedef struct operands {
  float *input, *scales, *bias;
  int8_t *weights;
} operands;

static void run(swl_isa isa, const swl_f32_conv_params *layer, const operands *in, float *output) {
  void *packed = memory(swl_hybrid_packed_bytes(isa, layer));
  void *quantized = memory(swl_hybrid_quantized_bytes(isa, layer));
  void *scratch = memory(swl_hybrid_scratch_bytes(isa, layer));
  size_t rows = layer->batches * layer->out_height, groups = swl_hybrid_quantization_groups(layer);
  swl_hybrid_pack(isa, layer, in->weights, in->scales, in->bias, packed);
  swl_hybrid_quantize(isa, layer, in->input, quantized, groups / 2, groups);
  swl_hybrid_quantize(isa, layer, in->input, quantized, 0, groups / 2);
  swl_hybrid_conv(isa, layer, packed, quantized, output, scratch, rows / 3, rows, 0, layer->out_channels);
  swl_hybrid_conv(isa, layer, packed, quantized, output, scratch, 0, rows / 3, 0, layer->out_channels);
  free(packed);
  free(quantized);
  free(scratch);
}

/// A single row quantized and computed at once; `output` keeps the same numbers where the layer is another one.
static void run_row(swl_isa isa, const swl_f32_conv_params *layer, const operands *in, float *output) {
  void *packed = memory(swl_hybrid_packed_bytes(isa, layer));
  void *quantized = memory(swl_hybrid_quantized_bytes(isa, layer));
  swl_hybrid_pack(isa, layer, in->weights, in->scales, in->bias, packed);
  swl_hybrid_run_row(isa, layer, packed, in->input, quantized, output);
  free(packed);
  free(quantized);
}

static int compare(const swl_f32_conv_params *layer, random_source *source, uint64_t *digest) {
  size_t weight_count =
      layer->kernel_height * layer->kernel_width * layer->in_channels / layer->groups * layer->out_channels;
  size_t in_count = layer->batches * layer->in_height * layer->in_width * layer->in_channels;
  size_t out_bytes = layer->batches * layer->out_height * layer->out_width * layer->out_channels * sizeof(float);
  size_t scale_count = layer->out_channels * (layer->weight_block ? layer->in_channels / layer->weight_block : 1);
  operands in = {memory(in_count * sizeof(float)), memory(scale_count * sizeof(float)),
                 memory(layer->out_channels * sizeof(float)), memory(weight_count)};
  float *expected = memory(out_bytes), *output = memory(out_bytes), *row = memory(out_bytes);
  fill_floats(source, in.input, in_count);
  fill_floats(source, in.scales, scale_count);
  fill_floats(source, in.bias, layer->out_channels);
  fill_bytes(source, in.weights, weight_count);
  int failures = 0;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    if (!swl_isa_runnable((swl_isa)isa))
      continue;
    float *target = isa == SWL_ISA_SCALAR ? expected : output;
    memset(target, 0xA5, out_bytes);
    run((swl_isa)isa, layer, &in, target);
    memcpy(row, target, out_bytes);
    run_row((swl_isa)isa, layer, &in, row);
    if (memcmp(expected, target, out_bytes) != 0 || memcmp(expected, row, out_bytes) != 0) {
      printf("hybrid convolution on %s differs from scalar: %zux%zux%zu kernel %zux%zu\n", swl_isa_name((swl_isa)isa),
             layer->in_height, layer->in_width, layer->in_channels, layer->kernel_height, layer->kernel_width);
      failures++;
    }
  }
  digest_bytes(digest, expected, out_bytes);
  free(in.input);
  free(in.scales);
  free(in.bias);
  free(in.weights);
  free(expected);
  free(output);
  free(row);
  return failures;
}

int check_hybrid(random_source *source, int layers, uint64_t *digest) {
  int failures = 0;
  for (int i = 0; i < layers; i++) {
    swl_f32_conv_params layer = random_layer(source, i % 2 == 0);
    failures += compare(&layer, source, digest);
  }
  return failures;
}
