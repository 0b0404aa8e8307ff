#include "isa_variants.h"
#include "swl_transpose_conv.h"
#include <string.h>

#define ISA_BODY "transpose_conv_variant.inc"
#include "isa_variants.inc"

void swl_hybrid_transpose_conv_pack(const swl_transpose_conv_params *p, const void *weights, int8_t *packed) {
  const size_t taps = p->kernel_height * p->kernel_width;
  const int8_t *value = weights;
  for (size_t o = 0; o < p->out_channels; o++)
    for (size_t t = 0; t < taps; t++)
      for (size_t i = 0; i < p->in_channels; i++)
        packed[(t * p->in_channels + i) * p->out_channels + o] = *value++;
}

/// Adds, for the output rows [begin, end) of `sums`, every input pixel's products, in the order of the input.
static void scatter(swl_isa isa, const swl_transpose_conv_params *p, const int8_t *input, const int8_t *packed,
                    int32_t zero_point, int32_t *sums, size_t begin, size_t end) {
  typedef void (*function)(const int8_t *, const int8_t *, int32_t, size_t, size_t, int32_t *);
  static const function variants[VARIANT_COUNT] = ISA_VARIANTS(tap);
  const function add_tap = variants[isa_variant_for(isa)];
  const size_t tap_count = p->in_channels * p->out_channels;
  for (size_t y = 0; y < p->in_height; y++)
    for (size_t ky = 0; ky < p->kernel_height; ky++) {
      const size_t row = y * p->stride_height + ky; // counted from the padding
      if (row < begin + p->pad_top || row >= end + p->pad_top)
        continue;
      int32_t *out_row = sums + (row - p->pad_top - begin) * p->out_width * p->out_channels;
      for (size_t x = 0; x < p->in_width; x++)
        for (size_t kx = 0; kx < p->kernel_width; kx++) {
          const size_t column = x * p->stride_width + kx;
          if (column < p->pad_left || column >= p->out_width + p->pad_left)
            continue;
          add_tap(input + (y * p->in_width + x) * p->in_channels, packed + (ky * p->kernel_width + kx) * tap_count,
                  zero_point, p->in_channels, p->out_channels, out_row + (column - p->pad_left) * p->out_channels);
        }
    }
}

void swl_hybrid_transpose_conv(swl_isa isa, const swl_transpose_conv_params *p, const int8_t *input,
                               const int8_t *packed, const void *bias, float *output, int32_t *sums, size_t begin,
                               size_t end, const swl_hybrid_transpose_conv_scaling *s) {
#pragma STDC FP_CONTRACT OFF
  const size_t count = (end - begin) * p->out_width * p->out_channels;
  float *rows = output + begin * p->out_width * p->out_channels;
  memset(sums, 0, count * sizeof *sums);
  scatter(isa, p, input, packed, s->group.zero, sums, begin, end);
  for (size_t i = 0; i < count; i += p->out_channels)
    for (size_t o = 0; o < p->out_channels; o++) {
      float addend = 0;
      if (bias)
        memcpy(&addend, (const unsigned char *)bias + o * sizeof addend, sizeof addend);
      const float value = (float)sums[i + o] * (s->scales[o] * s->group.scale) + addend;
      const float raised = value < s->low ? s->low : value;
      rows[i + o] = s->high < raised ? s->high : raised;
    }
}
