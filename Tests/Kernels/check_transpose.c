// Transposed convolutions against their definition: every input pixel adds its products to a window of the output.
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

/// Sizes in `layer`, where (in_h, in_w) times the stride reaches past the last row and column of the output.
static swl_q8_layer random_layer(random_source *source) {
  swl_q8_layer layer = swl_q8_fully_connected(between(source, 1, 2), between(source, 1, 40), between(source, 1, 40));
  int32_t *const axes[2][5] = {
      {&layer.in_h, &layer.out_h, &layer.kernel_h, &layer.stride_h, &layer.pad_top},
      {&layer.in_w, &layer.out_w, &layer.kernel_w, &layer.stride_w, &layer.pad_left},
  };
  const int32_t is_plain = between(source, 0, 2); // often what models have: kernel and stride 2
  for (int i = 0; i < 2; i++) {
    *axes[i][2] = is_plain == 0 ? 2 : between(source, 1, 5);
    *axes[i][3] = is_plain == 0 ? 2 : between(source, 1, 4);
    *axes[i][0] = between(source, 1, i == 0 ? 6 : 20);
    const int32_t kernel = *axes[i][2], stride = *axes[i][3], reach = (*axes[i][0] - 1) * stride;
    if (between(source, 0, 1)) { // VALID, now and then with rows behind the last window
      *axes[i][1] = reach + kernel + (between(source, 0, 3) == 0 ? between(source, 0, stride - 1) : 0);
    } else { // SAME
      *axes[i][1] = reach + (between(source, 0, 2) == 0 ? between(source, 1, stride) : stride);
      const int32_t padding = reach + kernel - *axes[i][1];
      *axes[i][4] = padding > 0 ? padding / 2 : 0;
    }
  }
  layer.is_wide = between(source, 0, 2) == 0;
  layer.has_wide_bias = layer.is_wide && between(source, 0, 1);
  layer.is_unsigned = !layer.is_wide && between(source, 0, 1);
  const int32_t low = layer.is_unsigned ? 0 : -128;
  if (!layer.is_wide) {
    layer.input_zero_point = between(source, low, low + 255);
    layer.output_zero_point = between(source, low, low + 255);
    layer.weight_zero_point = layer.is_unsigned ? between(source, 80, 170) : 0;
  }
  layer.minimum = between(source, 0, 2) == 0 ? layer.output_zero_point : layer.is_wide ? INT16_MIN : low;
  layer.maximum = layer.is_wide ? INT16_MAX : low + 255;
  return layer;
}

typedef struct data {
  uint8_t *input, *weights;
  int32_t *bias;
  int64_t *wide_bias;
  float *scales;
  double *wide_scales;
} data;

static int32_t byte_at(const swl_q8_layer *l, const uint8_t *bytes, size_t index) {
  return l->is_unsigned ? (int32_t)bytes[index] : (int32_t)(int8_t)bytes[index];
}

static int32_t input_at(const swl_q8_layer *l, const uint8_t *input, size_t index) {
  int16_t word;
  memcpy(&word, input + 2 * index * l->is_wide, sizeof word);
  return l->is_wide ? word : byte_at(l, input, index) - l->input_zero_point;
}

static int32_t quantized(const swl_q8_layer *l, const data *d, int64_t sum, size_t c) {
  if (l->is_wide) {
    const double value =
        floor((double)(sum + (l->has_wide_bias ? d->wide_bias[c] : d->bias[c])) * d->wide_scales[c] + 0.5);
    return (int32_t)fmax(l->minimum, fmin(l->maximum, value));
  }
  const float value = (float)(int32_t)(sum + d->bias[c]) * d->scales[c];
  const float low = (float)(l->minimum - l->output_zero_point), high = (float)(l->maximum - l->output_zero_point);
  return (int32_t)rintf(fmaxf(low, fminf(high, value))) + l->output_zero_point;
}

/// The output elements' sums of products, in exact integers.
static void sum_products(const swl_q8_layer *l, const data *d, int64_t *sums) {
  const size_t in_c = (size_t)l->in_c, out_c = (size_t)l->out_c;
  for (int32_t b = 0; b < l->batch; b++)
    for (int32_t y = 0; y < l->in_h; y++)
      for (int32_t x = 0; x < l->in_w; x++)
        for (int32_t k = 0; k < l->kernel_h * l->kernel_w; k++) {
          const int32_t row = y * l->stride_h + k / l->kernel_w - l->pad_top;
          const int32_t column = x * l->stride_w + k % l->kernel_w - l->pad_left;
          if (row < 0 || row >= l->out_h || column < 0 || column >= l->out_w)
            continue;
          const size_t from = (size_t)((b * l->in_h + y) * l->in_w + x) * in_c;
          const size_t to = (size_t)((b * l->out_h + row) * l->out_w + column) * out_c;
          for (size_t o = 0; o < out_c; o++)
            for (size_t i = 0; i < in_c; i++) {
              const size_t weight = (o * (size_t)(l->kernel_h * l->kernel_w) + (size_t)k) * in_c + i;
              sums[to + o] +=
                  (int64_t)input_at(l, d->input, from + i) * (byte_at(l, d->weights, weight) - l->weight_zero_point);
            }
        }
}

static int differs(const char *type, int isa, const swl_q8_layer *l) {
  printf("%s transposed on %s differs from its definition: in %dx%dx%dx%d out %dx%dx%d kernel %dx%d stride %dx%d\n",
         type, swl_isa_name((swl_isa)isa), l->batch, l->in_h, l->in_w, l->in_c, l->out_h, l->out_w, l->out_c,
         l->kernel_h, l->kernel_w, l->stride_h, l->stride_w);
  return 1;
}

static int compare(const swl_q8_layer *l, const data *d, size_t out_count, uint64_t *digest) {
  const size_t element = l->is_wide ? 2 : 1, channels = (size_t)l->out_c;
  int64_t *sums = calloc(out_count, sizeof *sums);
  uint8_t *expected = malloc(out_count * element), *output = malloc(out_count * element);
  sum_products(l, d, sums);
  for (size_t i = 0; i < out_count; i++) {
    const int32_t value = quantized(l, d, sums[i], i % channels);
    memcpy(expected + i * element, &value, element);
  }
  int failures = 0;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    if (!swl_isa_runnable((swl_isa)isa))
      continue;
    void *packed = memory(swl_q8_transpose_conv_packed_bytes((swl_isa)isa, l));
    void *scratch = memory(swl_q8_transpose_conv_scratch_bytes((swl_isa)isa, l));
    void *gathered = malloc(swl_q8_transpose_conv_gathered_bytes(l));
    swl_q8_transpose_conv_pack((swl_isa)isa, l, d->weights, l->has_wide_bias ? (const void *)d->wide_bias : d->bias,
                               l->is_wide ? (const void *)d->wide_scales : d->scales, gathered, packed);
    const size_t units = swl_q8_transpose_conv_units(l), middle = units / 3;
    memset(output, 0xA5, out_count * element);
    swl_q8_transpose_conv_run((swl_isa)isa, l, packed, d->input, output, scratch, middle, units);
    swl_q8_transpose_conv_run((swl_isa)isa, l, packed, d->input, output, scratch, 0, middle);
    if (memcmp(expected, output, out_count * element) != 0)
      failures += differs(l->is_wide ? "int16" : l->is_unsigned ? "uint8" : "int8", isa, l);
    free(packed);
    free(scratch);
    free(gathered);
  }
  digest_bytes(digest, expected, out_count * element);
  free(sums);
  free(expected);
  free(output);
  return failures;
}

static int check_quantized(random_source *source, const swl_q8_layer *l, uint64_t *digest) {
  const size_t channels = (size_t)l->out_c, element = l->is_wide ? 2 : 1;
  const size_t weights = channels * (size_t)(l->kernel_h * l->kernel_w * l->in_c);
  const size_t in_bytes = (size_t)(l->batch * l->in_h * l->in_w * l->in_c) * element;
  const data d = {malloc(in_bytes),
                  malloc(weights),
                  malloc(channels * sizeof(int32_t)),
                  malloc(channels * sizeof(int64_t)),
                  malloc(channels * sizeof(float)),
                  malloc(channels * sizeof(double))};
  fill_bytes(source, d.input, in_bytes);
  fill_bytes(source, d.weights, weights);
  for (size_t i = 0; i < channels; i++) {
    d.bias[i] = between(source, -20000, 20000);
    d.wide_bias[i] = d.bias[i] * (int64_t)1000;
    d.scales[i] = (float)between(source, 1, 4000) * 1e-6f;
    d.wide_scales[i] = ldexp(between(source, 0x4000, 0x7FFF), -between(source, 22, 35));
  }
  const int failures = compare(l, &d, (size_t)(l->batch * l->out_h * l->out_w) * channels, digest);
  free(d.input);
  free(d.weights);
  free(d.bias);
  free(d.wide_bias);
  free(d.scales);
  free(d.wide_scales);
  return failures;
}

/// One output element in the documented order: over the input's rows, columns and channels.
static float float_sum(const swl_q8_layer *l, const float *input, const float *weights, float sum, size_t place) {
  const int32_t o = (int32_t)(place % (size_t)l->out_c), column = (int32_t)(place / (size_t)l->out_c) % l->out_w;
  const int32_t row = (int32_t)(place / (size_t)l->out_c) / l->out_w % l->out_h;
  const int32_t b = (int32_t)(place / (size_t)l->out_c) / l->out_w / l->out_h;
  for (int32_t y = 0; y < l->in_h; y++)
    for (int32_t x = 0; x < l->in_w; x++) {
      const int32_t ky = row + l->pad_top - y * l->stride_h, kx = column + l->pad_left - x * l->stride_w;
      if (ky < 0 || ky >= l->kernel_h || kx < 0 || kx >= l->kernel_w)
        continue;
      for (int32_t i = 0; i < l->in_c; i++)
        sum = fmaf(input[((b * l->in_h + y) * l->in_w + x) * l->in_c + i],
                   weights[((o * l->kernel_h + ky) * l->kernel_w + kx) * l->in_c + i], sum);
    }
  return sum;
}

static int check_float(random_source *source, const swl_q8_layer *l, uint64_t *digest) {
  const swl_f32_conv_params p = {.batches = (size_t)l->batch,
                                 .in_height = (size_t)l->in_h,
                                 .in_width = (size_t)l->in_w,
                                 .in_channels = (size_t)l->in_c,
                                 .out_height = (size_t)l->out_h,
                                 .out_width = (size_t)l->out_w,
                                 .out_channels = (size_t)l->out_c,
                                 .kernel_height = (size_t)l->kernel_h,
                                 .kernel_width = (size_t)l->kernel_w,
                                 .stride_height = (size_t)l->stride_h,
                                 .stride_width = (size_t)l->stride_w,
                                 .dilation_height = 1,
                                 .dilation_width = 1,
                                 .pad_top = (size_t)l->pad_top,
                                 .pad_left = (size_t)l->pad_left,
                                 .groups = 1,
                                 .minimum = between(source, 0, 1) ? 0 : -1e30f,
                                 .maximum = 6};
  const size_t in_count = p.batches * p.in_height * p.in_width * p.in_channels;
  const size_t out_count = p.batches * p.out_height * p.out_width * p.out_channels;
  const size_t weight_count = p.kernel_height * p.kernel_width * p.in_channels * p.out_channels;
  float *input = malloc(in_count * 4), *weights = malloc(weight_count * 4), *bias = malloc(p.out_channels * 4);
  float *expected = malloc(out_count * 4), *output = malloc(out_count * 4);
  fill_floats(source, input, in_count);
  fill_floats(source, weights, weight_count);
  fill_floats(source, bias, p.out_channels);
  for (size_t i = 0; i < out_count; i++)
    expected[i] = fminf(p.maximum, fmaxf(p.minimum, float_sum(l, input, weights, bias[i % p.out_channels], i)));
  int failures = 0;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    // SSE4.1 has no fused multiply-add: its last bits differ, by the documented tolerance.
    if (!swl_isa_runnable((swl_isa)isa) || isa == SWL_ISA_SSE41)
      continue;
    void *packed = memory(swl_f32_transpose_conv_packed_bytes((swl_isa)isa, &p));
    void *scratch = memory(swl_f32_transpose_conv_scratch_bytes((swl_isa)isa, &p));
    void *gathered = malloc(swl_f32_transpose_conv_gathered_bytes(&p));
    swl_f32_transpose_conv_pack((swl_isa)isa, &p, weights, bias, gathered, packed);
    const size_t units = swl_f32_transpose_conv_units(&p);
    memset(output, 0xA5, out_count * 4);
    swl_f32_transpose_conv((swl_isa)isa, &p, packed, input, output, scratch, units / 3, units);
    swl_f32_transpose_conv((swl_isa)isa, &p, packed, input, output, scratch, 0, units / 3);
    if (memcmp(expected, output, out_count * 4) != 0)
      failures += differs("float32", isa, l);
    free(packed);
    free(scratch);
    free(gathered);
  }
  digest_bytes(digest, expected, out_count * 4);
  free(input);
  free(weights);
  free(bias);
  free(expected);
  free(output);
  return failures;
}

int check_transpose(random_source *source, int layers, uint64_t *digest) {
  int failures = 0;
  for (int i = 0; i < layers; i++) {
    const swl_q8_layer layer = random_layer(source);
    failures += i % 3 == 0 ? check_float(source, &layer, digest) : check_quantized(source, &layer, digest);
  }
  return failures;
}
