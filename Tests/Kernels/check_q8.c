#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct family {
  const char *name;
  size_t (*packed_bytes)(swl_isa, const swl_q8_layer *);
  size_t (*scratch_bytes)(swl_isa, const swl_q8_layer *);
  size_t (*units)(swl_isa, const swl_q8_layer *);
  void (*pack)(swl_isa, const swl_q8_layer *, const void *, const void *, const void *, void *);
  void (*run)(swl_isa, const swl_q8_layer *, const void *, const void *, void *, void *, size_t, size_t);
} family;

static const family convolution = {"convolution",     swl_q8_conv_packed_bytes, swl_q8_conv_scratch_bytes,
                                   swl_q8_conv_units, swl_q8_conv_pack,         swl_q8_conv_run};
static const family depthwise = {
    "depthwise",           swl_q8_depthwise_packed_bytes, swl_q8_depthwise_scratch_bytes, swl_q8_depthwise_units,
    swl_q8_depthwise_pack, swl_q8_depthwise_run};

/// Makes it a layer on int16.
static void widen(random_source *source, swl_q8_layer *layer) {
  layer->is_wide = true;
  layer->has_wide_bias = between(source, 0, 1);
  layer->input_zero_point = layer->output_zero_point = 0;
  layer->minimum = between(source, 0, 2) == 0 ? 0 : INT16_MIN;
  layer->maximum = between(source, 0, 2) == 0 ? 20000 : INT16_MAX;
  // Now and then too deep for sums of 32 bits.
  if (between(source, 0, 4) == 0)
    layer->in_c *= 24;
}

static swl_q8_layer random_layer(random_source *source, bool is_depthwise) {
  swl_q8_layer layer = swl_q8_fully_connected(between(source, 1, 2), between(source, 1, 70), between(source, 1, 70));
  static const int32_t kernels[] = {1, 1, 2, 3, 3, 5};
  layer.kernel_h = kernels[between(source, 0, 5)];
  layer.kernel_w = kernels[between(source, 0, 5)];
  layer.stride_h = between(source, 1, 2);
  layer.stride_w = between(source, 1, 2);
  layer.dilation_h = between(source, 0, 9) == 0 ? 2 : 1;
  layer.dilation_w = between(source, 0, 9) == 0 ? 2 : 1;
  layer.in_h = between(source, 1, 12);
  layer.in_w = between(source, 1, 12);
  layer.out_h = (layer.in_h + layer.stride_h - 1) / layer.stride_h;
  layer.out_w = (layer.in_w + layer.stride_w - 1) / layer.stride_w;
  layer.pad_top = between(source, 0, layer.kernel_h - 1);
  layer.pad_left = between(source, 0, layer.kernel_w - 1);
  layer.is_unsigned = between(source, 0, 1);
  int32_t low = layer.is_unsigned ? 0 : -128;
  layer.input_zero_point = between(source, low, low + 255);
  layer.output_zero_point = between(source, low, low + 255);
  layer.weight_zero_point = layer.is_unsigned ? between(source, 80, 170) : 0;
  layer.minimum = between(source, 0, 2) == 0 ? layer.output_zero_point : low;
  layer.maximum = low + 255;
  if (!layer.is_unsigned) {
    static const uint8_t bits[] = {8, 8, 8, 4, 2};
    layer.weight_bits = bits[between(source, 0, 4)];
    if (between(source, 0, 1) == 0)
      widen(source, &layer);
  }
  // Rows of 8 and 16 channels have loops of their own.
  if (is_depthwise && !layer.is_wide && between(source, 0, 2) == 0)
    layer.in_c = 8 * between(source, 1, 2);
  if (is_depthwise)
    layer.out_c = layer.in_c * (between(source, 0, 3) == 0 ? between(source, 2, 4) : 1);
  else if (between(source, 0, 5) == 0) {
    layer.groups = between(source, 2, 4);
    layer.in_c *= layer.groups;
    layer.out_c *= layer.groups;
  }
  return layer;
}

static int compare(const family *kernels, const swl_q8_layer *layer, random_source *source, uint64_t *digest) {
  bool is_depthwise = kernels == &depthwise;
  size_t taps = (size_t)layer->kernel_h * (size_t)layer->kernel_w;
  size_t channels = (size_t)layer->out_c;
  size_t weight_count = taps * (is_depthwise ? channels : channels * (size_t)(layer->in_c / layer->groups));
  size_t in_count = (size_t)layer->batch * (size_t)layer->in_h * (size_t)layer->in_w * (size_t)layer->in_c;
  size_t out_count = (size_t)layer->batch * (size_t)layer->out_h * (size_t)layer->out_w * channels;
  size_t element = layer->is_wide ? 2 : 1, together = layer->weight_bits == 0 ? 1 : 8 / layer->weight_bits;
  weight_count = (weight_count + together - 1) / together;
  in_count *= element;
  out_count *= element;
  // Exactly sized, so that the sanitizer sees a read past the end.
  uint8_t *weights = malloc(weight_count), *input = malloc(in_count);
  uint8_t *expected = malloc(out_count), *output = malloc(out_count);
  int32_t *bias = malloc(channels * sizeof *bias);
  int64_t *wide_bias = malloc(channels * sizeof *wide_bias);
  float *scales = malloc(channels * sizeof *scales);
  double *wide_scales = malloc(channels * sizeof *wide_scales);
  fill_bytes(source, weights, weight_count);
  fill_bytes(source, input, in_count);
  // Few biases leave the range of int32.
  const bool short_scales = between(source, 0, 2) > 0;
  const int64_t factor = between(source, 0, 9) == 0 ? 1000000 : 1000;
  for (size_t i = 0; i < channels; i++) {
    bias[i] = between(source, -20000, 20000);
    wide_bias[i] = bias[i] * factor;
    scales[i] = (float)between(source, 1, 4000) * 1e-6f;
    wide_scales[i] = (double)between(source, 1, 40000) * 1e-7 / (double)layer->in_c;
    if (short_scales)
      wide_scales[i] = ldexp(between(source, 0x4000, 0x7FFF), -between(source, 22, 35));
  }
  const void *given_bias = layer->has_wide_bias ? (const void *)wide_bias : bias;
  const void *given_scales = layer->is_wide ? (const void *)wide_scales : scales;
  int failures = 0;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    if (!swl_isa_runnable((swl_isa)isa))
      continue;
    void *packed = memory(kernels->packed_bytes((swl_isa)isa, layer));
    void *scratch = memory(kernels->scratch_bytes((swl_isa)isa, layer));
    kernels->pack((swl_isa)isa, layer, weights, given_bias, given_scales, packed);
    size_t units = kernels->units((swl_isa)isa, layer), middle = units / 3;
    uint8_t *target = isa == SWL_ISA_SCALAR ? expected : output;
    memset(target, 0xA5, out_count);
    kernels->run((swl_isa)isa, layer, packed, input, target, scratch, middle, units);
    kernels->run((swl_isa)isa, layer, packed, input, target, scratch, 0, middle);
    if (memcmp(expected, target, out_count) != 0) {
      printf("%s on %s differs from scalar: in %dx%dx%dx%d out %dx%dx%d kernel %dx%d stride %dx%d dilation %dx%d %s\n",
             kernels->name, swl_isa_name((swl_isa)isa), layer->batch, layer->in_h, layer->in_w, layer->in_c,
             layer->out_h, layer->out_w, layer->out_c, layer->kernel_h, layer->kernel_w, layer->stride_h,
             layer->stride_w, layer->dilation_h, layer->dilation_w,
             layer->is_wide       ? "int16"
             : layer->is_unsigned ? "uint8"
                                  : "int8");
      failures++;
    }
    free(packed);
    free(scratch);
  }
  digest_bytes(digest, expected, out_count);
  free(weights);
  free(input);
  free(expected);
  free(output);
  free(bias);
  free(wide_bias);
  free(scales);
  free(wide_scales);
  return failures;
}

int check_q8(random_source *source, int layers, uint64_t *digest) {
  int failures = 0;
  for (int i = 0; i < layers; i++) {
    swl_q8_layer layer = random_layer(source, i % 2 == 0);
    failures += compare(i % 2 == 0 ? &depthwise : &convolution, &layer, source, digest);
  }
  return failures;
}
