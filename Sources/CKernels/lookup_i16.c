#include "swl_unary.h"

#pragma STDC FP_CONTRACT OFF

void swl_i16_slope(const swl_i16_slopes *params, const int16_t *input, int16_t *output, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const int32_t x = input[i];
    const int32_t value = swl_multiply_double_rounding(x, x >= 0 ? params->positive : params->negative);
    output[i] = (int16_t)swl_clamp_i32(value, params->minimum, params->maximum);
  }
}

/// Interpolates with `bits` of fraction; beyond the table the result is just under 1.
static uint32_t interpolated(const uint16_t *table, uint32_t x, uint32_t bits, uint32_t beyond) {
  const uint32_t index = x >> bits;
  if (index >= 255)
    return beyond;
  const uint32_t low = table[index], high = table[index + 1];
  return (low << bits) + (x & ((1u << bits) - 1)) * (high - low);
}

/// logistic(-x) = 1 - logistic(x), with 9 bits of fraction that are rounded off together with one more.
static int16_t logistic_of(const uint16_t *table, int32_t x) {
  const uint32_t value = interpolated(table, (uint32_t)(x < 0 ? -x : x), 9, 0x7FFFu << 10);
  const uint32_t result = x >= 0 ? value + (1u << 9) : (1u << 25) - value + (1u << 9) - 1;
  return (int16_t)(result >> 10);
}

/// tanh(x) = 2 * logistic(2 * x) - 1, with 8 bits of fraction.
static int16_t tanh_of(const uint16_t *table, int32_t x) {
  const int32_t value = (int32_t)interpolated(table, (uint32_t)(x < 0 ? -x : x), 8, 0xFFFFu << 8);
  const int32_t half = 1 << 23;
  const int32_t result = x >= 0 ? value - half + (1 << 7) : half - value + (1 << 7) - 1;
  return (int16_t)(result >> 8);
}

void swl_i16_sigmoid(const swl_i16_sigmoid_params *params, const int16_t *input, int16_t *output, size_t count) {
  const int32_t round = params->shift > 0 ? 1 << (params->shift - 1) : 0;
  for (size_t i = 0; i < count; i++) {
    const int32_t x = (input[i] * params->multiplier + round) >> params->shift;
    output[i] = params->is_tanh ? tanh_of(params->table, x) : logistic_of(params->table, x);
  }
}

void swl_lookup_i16(const int16_t *table, const int16_t *input, int16_t *output, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const int32_t index = 256 + (input[i] >> 7);
    const int32_t base = table[index];
    output[i] = (int16_t)(base + (((table[index + 1] - base) * (input[i] & 0x7f) + 64) >> 7));
  }
}

void swl_i16_sqrt(float input_scale, float output_scale, const int16_t *input, int16_t *output, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const float x = input[i] > 0 ? (float)input[i] * input_scale : 0;
    const float value = __builtin_elementwise_sqrt(x) / output_scale;
    output[i] = value < INT16_MAX ? (int16_t)value : INT16_MAX;
  }
}
