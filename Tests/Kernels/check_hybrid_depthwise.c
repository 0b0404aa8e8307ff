#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static swl_q8_layer random_layer(random_source *source) {
  swl_q8_layer layer = {0};
  layer.batch = between(source, 1, 2);
  layer.in_h = between(source, 1, 12);
  layer.in_w = between(source, 1, 25);
  layer.in_c = between(source, 1, 90);
  layer.out_c = layer.in_c * (between(source, 0, 3) ? 1 : between(source, 1, 3));
  layer.kernel_h = between(source, 0, 1) ? 3 : between(source, 1, 5);
  layer.kernel_w = between(source, 0, 1) ? 3 : between(source, 1, 5);
  layer.stride_h = between(source, 1, 2);
  layer.stride_w = between(source, 1, 2);
  layer.dilation_h = layer.dilation_w = between(source, 0, 3) ? 1 : 2;
  layer.out_h = (layer.in_h + layer.stride_h - 1) / layer.stride_h;
  layer.out_w = (layer.in_w + layer.stride_w - 1) / layer.stride_w;
  layer.pad_top = between(source, 0, layer.kernel_h - 1);
  layer.pad_left = between(source, 0, layer.kernel_w - 1);
  layer.groups = 1;
  static const uint8_t bits[] = {8, 8, 4, 2};
  layer.weight_bits = bits[between(source, 0, 3)];
  return layer;
}

typedef struct operands {
  float *input, *scales, *bias;
  int8_t *weights;
  swl_hybrid_limits limits;
} operands;

static void run(swl_isa isa, const swl_q8_layer *layer, const operands *in, float *output) {
  void *packed = memory(swl_hybrid_depthwise_packed_bytes(isa, layer));
  void *quantized = memory(swl_hybrid_depthwise_quantized_bytes(layer));
  void *scratch = memory(swl_hybrid_depthwise_scratch_bytes(isa, layer));
  const size_t rows = (size_t)layer->batch * (size_t)layer->out_h, pictures = (size_t)layer->batch;
  swl_hybrid_depthwise_pack(isa, layer, in->weights, in->scales, in->bias, packed);
  swl_hybrid_depthwise_quantize(isa, layer, in->input, quantized, pictures / 2, pictures);
  swl_hybrid_depthwise_quantize(isa, layer, in->input, quantized, 0, pictures / 2);
  swl_hybrid_depthwise_run(isa, layer, in->limits, packed, quantized, output, scratch, rows / 3, rows);
  swl_hybrid_depthwise_run(isa, layer, in->limits, packed, quantized, output, scratch, 0, rows / 3);
  free(packed);
  free(quantized);
  free(scratch);
}

static int compare(const swl_q8_layer *layer, random_source *source, uint64_t *digest) {
  const size_t channels = (size_t)layer->out_c;
  const size_t weight_count = (size_t)layer->kernel_h * (size_t)layer->kernel_w * channels;
  const size_t in_count = (size_t)layer->batch * (size_t)layer->in_h * (size_t)layer->in_w * (size_t)layer->in_c;
  const size_t out_bytes =
      (size_t)layer->batch * (size_t)layer->out_h * (size_t)layer->out_w * channels * sizeof(float);
  operands in = {memory(in_count * sizeof(float)),
                 memory(channels * sizeof(float)),
                 memory(channels * sizeof(float)),
                 memory(weight_count),
                 {between(source, 0, 1) ? 0 : -1e30f, between(source, 0, 1) ? 6 : 1e30f}};
  float *expected = memory(out_bytes), *output = memory(out_bytes);
  fill_floats(source, in.input, in_count);
  fill_floats(source, in.scales, channels);
  fill_floats(source, in.bias, channels);
  fill_bytes(source, in.weights, weight_count);
  int failures = 0;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    if (!swl_isa_runnable((swl_isa)isa))
      continue;
    float *target = isa == SWL_ISA_SCALAR ? expected : output;
    memset(target, 0xA5, out_bytes);
    run((swl_isa)isa, layer, &in, target);
    if (memcmp(expected, target, out_bytes) != 0) {
      printf("hybrid depthwise convolution on %s differs from scalar: %dx%dx%d kernel %dx%d, %d bits\n",
             swl_isa_name((swl_isa)isa), layer->in_h, layer->in_w, layer->in_c, layer->kernel_h, layer->kernel_w,
             layer->weight_bits);
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
  return failures;
}

int check_hybrid_depthwise(random_source *source, int layers, uint64_t *digest) {
  int failures = 0;
  for (int i = 0; i < layers; i++) {
    const swl_q8_layer layer = random_layer(source);
    failures += compare(&layer, source, digest);
  }
  return failures;
}
