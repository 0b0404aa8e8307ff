#include "isa_variants.h"
#include "softmax_math.h"
#include "swl_lstm.h"
#include <math.h>

#pragma STDC FP_CONTRACT OFF

/// 1 / (1 + e^-x), within 2e-7.
static inline float lstm_sigmoid(float x) {
  const float distance = x < 0 ? x : -x, e = softmax_exp(distance);
  return (x < 0 ? e : 1.0f) / (1.0f + e);
}

/// (1 - e^-2|x|) / (1 + e^-2|x|) with the sign of x, within 2e-7.
static inline float lstm_tanh(float x) {
  const float e = softmax_exp(x < 0 ? 2 * x : -2 * x), magnitude = (1.0f - e) / (1.0f + e);
  return x < 0 ? -magnitude : magnitude;
}

#define ISA_BODY "lstm_f32_variant.inc"
#include "isa_variants.inc"

void swl_f32_lstm_cell(swl_isa isa, const swl_f32_lstm_params *params, float *gates, const float *peephole,
                       const float *norm, const float *bias, float *state, float *hidden) {
  typedef void (*function)(const swl_f32_lstm_params *, float *, const float *, const float *, const float *, float *,
                           float *);
  static const function variants[VARIANT_COUNT] = ISA_VARIANTS(f32_lstm_cell);
  variants[isa_variant_for(isa)](params, gates, peephole, norm, bias, state, hidden);
}
