#include "isa_variants.h"
#include "q8_internal.h"
#include "swl_transpose_conv.h"
#include <string.h>

#define ISA_BODY "transpose_conv_variant.inc"
#include "isa_variants.inc"

size_t swl_transpose_conv_weight_count(const swl_transpose_conv_params *p) {
  return p->kernel_height * p->kernel_width * p->in_channels * p->out_channels;
}

#define PACK(type, weight, zero_point)                                                                                 \
  const size_t taps = p->kernel_height * p->kernel_width;                                                              \
  for (size_t o = 0; o < p->out_channels; o++)                                                                         \
    for (size_t t = 0; t < taps; t++)                                                                                  \
      for (size_t i = 0; i < p->in_channels; i++) {                                                                    \
        type value;                                                                                                    \
        memcpy(&value, (const unsigned char *)weights + ((o * taps + t) * p->in_channels + i) * sizeof value,          \
               sizeof value);                                                                                          \
        packed[(t * p->in_channels + i) * p->out_channels + o] = (weight)(value - zero_point);                         \
      }

void swl_f32_transpose_conv_pack(const swl_transpose_conv_params *p, const void *weights, float *packed) {
  PACK(float, float, 0)
}
void swl_i8_transpose_conv_pack(const swl_transpose_conv_params *p, const void *weights, int16_t *packed) {
  PACK(int8_t, int16_t, 0)
}
void swl_hybrid_transpose_conv_pack(const swl_transpose_conv_params *p, const void *weights, int8_t *packed) {
  PACK(int8_t, int8_t, 0)
}
void swl_u8_transpose_conv_pack(const swl_transpose_conv_params *p, const void *weights, int32_t zero_point,
                                int16_t *packed) {
  PACK(uint8_t, int16_t, zero_point)
}

static void start(const swl_transpose_conv_params *p, const void *bias, void *sums, size_t pixels) {
  const size_t bytes = p->out_channels * 4;
  for (size_t i = 0; i < pixels; i++)
    if (bias)
      memcpy((unsigned char *)sums + i * bytes, bias, bytes);
    else
      memset((unsigned char *)sums + i * bytes, 0, bytes);
}

/// Adds, for the output rows [begin, end) of `sums`, every input pixel's products, in the order of the input.
#define SCATTER(prefix, type, weight, sum)                                                                             \
  static void prefix##_scatter(swl_isa isa, const swl_transpose_conv_params *p, const type *input,                     \
                               const weight *packed, sum zero_point, sum *sums, size_t begin, size_t end) {            \
    typedef void (*function)(const type *, const weight *, sum, size_t, size_t, sum *);                                \
    static const function variants[VARIANT_COUNT] = ISA_VARIANTS(prefix##_tap);                                        \
    const function add_tap = variants[isa_variant_for(isa)];                                                           \
    const size_t tap_count = p->in_channels * p->out_channels;                                                         \
    for (size_t y = 0; y < p->in_height; y++)                                                                          \
      for (size_t ky = 0; ky < p->kernel_height; ky++) {                                                               \
        const size_t row = y * p->stride_height + ky; /* counted from the padding */                                   \
        if (row < begin + p->pad_top || row >= end + p->pad_top)                                                       \
          continue;                                                                                                    \
        sum *out_row = sums + (row - p->pad_top - begin) * p->out_width * p->out_channels;                             \
        for (size_t x = 0; x < p->in_width; x++)                                                                       \
          for (size_t kx = 0; kx < p->kernel_width; kx++) {                                                            \
            const size_t column = x * p->stride_width + kx;                                                            \
            if (column < p->pad_left || column >= p->out_width + p->pad_left)                                          \
              continue;                                                                                                \
            add_tap(input + (y * p->in_width + x) * p->in_channels, packed + (ky * p->kernel_width + kx) * tap_count,  \
                    zero_point, p->in_channels, p->out_channels, out_row + (column - p->pad_left) * p->out_channels);  \
          }                                                                                                            \
      }                                                                                                                \
  }
SCATTER(f32, float, float, float)
SCATTER(i8, int8_t, int16_t, int32_t)
SCATTER(u8, uint8_t, int16_t, int32_t)
SCATTER(hybrid, int8_t, int8_t, int32_t)
SCATTER(i16, int16_t, int16_t, int32_t)
SCATTER(i16_long, int16_t, int16_t, int64_t)

void swl_f32_transpose_conv(swl_isa isa, const swl_transpose_conv_params *p, const float *input, const float *packed,
                            const void *bias, float *output, size_t begin, size_t end, float low, float high) {
  const size_t pixels = (end - begin) * p->out_width;
  float *rows = output + begin * p->out_width * p->out_channels;
  start(p, bias, rows, pixels);
  f32_scatter(isa, p, input, packed, 0, rows, begin, end);
  for (size_t i = 0; i < pixels * p->out_channels; i++) {
    const float raised = rows[i] < low ? low : rows[i];
    rows[i] = high < raised ? high : raised;
  }
}

void swl_hybrid_transpose_conv(swl_isa isa, const swl_transpose_conv_params *p, const int8_t *input,
                               const int8_t *packed, const void *bias, float *output, int32_t *sums, size_t begin,
                               size_t end, const swl_hybrid_transpose_conv_scaling *s) {
#pragma STDC FP_CONTRACT OFF
  const size_t count = (end - begin) * p->out_width * p->out_channels;
  float *rows = output + begin * p->out_width * p->out_channels;
  memset(sums, 0, count * sizeof *sums);
  hybrid_scatter(isa, p, input, packed, s->group.zero, sums, begin, end);
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

#define CONVOLVE(prefix, type)                                                                                         \
  void swl_##prefix##_transpose_conv(swl_isa isa, const swl_transpose_conv_params *p, const type *input,               \
                                     const int16_t *packed, const void *bias, type *output, int32_t *sums,             \
                                     size_t begin, size_t end, const swl_transpose_conv_scaling *s) {                  \
    const size_t pixels = (end - begin) * p->out_width;                                                                \
    type *out = output + begin * p->out_width * p->out_channels;                                                       \
    start(p, bias, sums, pixels);                                                                                      \
    prefix##_scatter(isa, p, input, packed, s->input_zero_point, sums, begin, end);                                    \
    for (size_t i = 0; i < pixels; i++)                                                                                \
      for (size_t o = 0; o < p->out_channels; o++, sums++, out++) {                                                    \
        const int64_t value = (int64_t)swl_multiply_double_rounding(*sums, s->multipliers[o]) + s->output_zero_point;  \
        *out = (type)swl_clamp_i32(swl_saturate_i32(value), s->low, s->high);                                          \
      }                                                                                                                \
  }
CONVOLVE(i8, int8_t)
CONVOLVE(u8, uint8_t)

bool swl_i16_transpose_conv_is_long(const swl_transpose_conv_params *p, const int16_t *packed, const int64_t *biases) {
  const size_t rows = p->kernel_height * p->kernel_width * p->in_channels;
  for (size_t o = 0; o < p->out_channels; o++) {
    uint64_t magnitudes = 0;
    for (size_t i = 0; i < rows; i++) {
      const int32_t w = packed[i * p->out_channels + o];
      magnitudes += (uint64_t)(w < 0 ? -w : w);
    }
    if (!swl_q8_fits_int32(magnitudes, biases[o]))
      return true;
  }
  return false;
}

#define FINISH(sum)                                                                                                    \
  for (size_t i = 0; i < pixels; i++)                                                                                  \
    for (size_t o = 0; o < p->out_channels; o++, out++)                                                                \
  *out = swl_q8_requantize_wide((double)(((const sum *)sums)[i * p->out_channels + o] + s->biases[o]), s->scales[o],   \
                                &limits)

void swl_i16_transpose_conv(swl_isa isa, const swl_transpose_conv_params *p, const int16_t *input,
                            const int16_t *packed, int16_t *output, void *sums, size_t begin, size_t end,
                            const swl_i16_transpose_conv_scaling *s) {
  const size_t pixels = (end - begin) * p->out_width;
  const swl_q8_output limits = {.minimum = s->low, .maximum = s->high};
  int16_t *out = output + begin * p->out_width * p->out_channels;
  memset(sums, 0, pixels * p->out_channels * (s->is_long ? 8 : 4));
  if (s->is_long) {
    i16_long_scatter(isa, p, input, packed, 0, sums, begin, end);
    FINISH(int64_t);
  } else {
    i16_scatter(isa, p, input, packed, 0, sums, begin, end);
    FINISH(int32_t);
  }
}
