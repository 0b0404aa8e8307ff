#include "elementwise_isa.h"
#include "elementwise_math.h"
#include "isa_variants.h"
#include "swl_unary.h"

#pragma STDC FP_CONTRACT OFF

typedef struct conversion_loops {
  void (*quantize[2])(swl_quantize_params, const float *, void *, size_t);
  void (*dequantize_i8)(float, int32_t, const int8_t *, float *, size_t);
  void (*dequantize_u8)(float, int32_t, const uint8_t *, float *, size_t);
  void (*dequantize_i16)(float, int32_t, const int16_t *, float *, size_t);
  void (*requantize[2][3])(const swl_requantize_params *, const void *, void *, size_t);
} conversion_loops;

/// Rounds half away from zero. Limiting first keeps the conversion to an integer defined; NaN gives `low`.
static inline int32_t quantize_value(float x, float low, float high) {
  const float raised = x > low ? x : low;
  const float limited = raised < high ? raised : high;
  const int32_t whole = (int32_t)limited;
  const float rest = limited - (float)whole;
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

static inline int32_t requantize_value(const swl_requantize_params *p, int32_t q) {
  const int32_t centred = swl_saturate_i32((int64_t)q - p->input_zero_point);
  const int32_t scaled = swl_multiply_double_rounding(centred, p->multiplier);
  return swl_clamp_i32(swl_add_offset(scaled, p->output_zero_point), p->minimum, p->maximum);
}

#define ISA_BODY "quantize_variant.inc"
#include "isa_variants.inc"

#if HAS_ELEMENTWISE_AVX512
#include "quantize_avx512.h"
#endif

static const conversion_loops *loops_for(swl_isa isa) {
  static const conversion_loops *const variants[] = ISA_VARIANTS(&conversions);
  return variants[isa_variant_for(isa)];
}

void swl_quantize_f32(swl_isa isa, size_t output_bytes, swl_quantize_params params, const float *input, void *output,
                      size_t count) {
#if HAS_ELEMENTWISE_AVX512
  if (swl_isa_is_avx512(isa) && quotients_are_exact(params.scale)) {
    (output_bytes == 2 ? quantize_16__avx512 : quantize_8__avx512)(params, input, output, count);
    return;
  }
#endif
  loops_for(isa)->quantize[output_bytes == 2](params, input, output, count);
}

void swl_dequantize_i8(swl_isa isa, float scale, int32_t zero_point, const int8_t *input, float *output, size_t count) {
  loops_for(isa)->dequantize_i8(scale, zero_point, input, output, count);
}

void swl_dequantize_u8(swl_isa isa, float scale, int32_t zero_point, const uint8_t *input, float *output,
                       size_t count) {
  loops_for(isa)->dequantize_u8(scale, zero_point, input, output, count);
}

void swl_dequantize_i16(swl_isa isa, float scale, int32_t zero_point, const int16_t *input, float *output,
                        size_t count) {
  loops_for(isa)->dequantize_i16(scale, zero_point, input, output, count);
}

void swl_dequantize_i32(float scale, int32_t zero_point, const int32_t *input, float *output, size_t count) {
  for (size_t i = 0; i < count; i++)
    output[i] = scale * (float)((int64_t)input[i] - zero_point);
}

void swl_requantize(swl_isa isa, size_t input_bytes, size_t output_bytes, const swl_requantize_params *params,
                    const void *input, void *output, size_t count) {
  loops_for(isa)->requantize[input_bytes == 4][output_bytes / 2](params, input, output, count);
}

static int32_t stored_value(size_t bytes, bool is_signed, const void *input, size_t i) {
  if (bytes == 2)
    return ((const int16_t *)input)[i];
  return is_signed ? ((const int8_t *)input)[i] : ((const uint8_t *)input)[i];
}

void swl_dequantize_channels(size_t input_bytes, bool is_signed, const swl_channels *channels, const void *input,
                             float *output, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    const size_t c = i / channels->inner % channels->channels;
    output[i] =
        channels->scales[c] * (float)(stored_value(input_bytes, is_signed, input, i) - channels->zero_points[c]);
  }
}

void swl_quantize_channels(size_t output_bytes, bool is_signed, const swl_channels *channels, const float *input,
                           void *output, size_t begin, size_t end) {
  const int32_t highest = output_bytes == 2 ? INT16_MAX : is_signed ? INT8_MAX : UINT8_MAX;
  const int32_t lowest = output_bytes == 1 && !is_signed ? 0 : -highest - 1;
  for (size_t i = begin; i < end; i++) {
    const size_t c = i / channels->inner % channels->channels;
    const int32_t zero_point = channels->zero_points[c];
    const int32_t value = zero_point + quantize_value(input[i] / channels->scales[c], (float)(lowest - zero_point),
                                                      (float)(highest - zero_point));
    if (output_bytes == 2)
      ((int16_t *)output)[i] = (int16_t)value;
    else
      ((uint8_t *)output)[i] = (uint8_t)value;
  }
}
