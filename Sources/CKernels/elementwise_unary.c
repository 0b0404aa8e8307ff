#include "elementwise_math.h"
#include "isa_variants.h"
#include "swl_unary.h"

#pragma STDC FP_CONTRACT OFF

typedef void (*unary_loop)(float p, float q, const float *input, float *output, size_t count);

static inline float unary_clamp(float x, float low, float high) {
  const float raised = x < low ? low : x;
  return high < raised ? high : raised;
}

/// Functions that do not vectorise, once for every instruction set.
#define PLAIN(name, expression)                                                                                        \
  static void name(float p, float q, const float *input, float *output, size_t count) {                                \
    (void)p;                                                                                                           \
    (void)q;                                                                                                           \
    for (size_t i = 0; i < count; i++) {                                                                               \
      const float x = input[i];                                                                                        \
      output[i] = expression;                                                                                          \
    }                                                                                                                  \
  }

PLAIN(sine, swl_sine_f32(x, 0))
PLAIN(cosine, swl_sine_f32(x, 1))
PLAIN(sign, x > 0 ? 1.0f : x < 0 ? -1.0f : x)

#define ISA_BODY "elementwise_unary_variant.inc"
#include "isa_variants.inc"

void swl_f32_unary(swl_isa isa, swl_unary function, const float *input, float *output, size_t count) {
  static const unary_loop *const variants[] = ISA_VARIANTS(unary_loops);
  variants[isa_variant_for(isa)][function.op](function.p, function.q, input, output, count);
}

float swl_f32_unary_value(swl_unary function, float x) {
  float result;
  unary_loops__base[function.op](function.p, function.q, &x, &result, 1);
  return result;
}

double swl_logistic_f64(double x) { return 1.0 / (1.0 + swl_exp_f64(-x, 0)); }

double swl_root_f64(float x, double degree) { return swl_exp_f64(swl_log_f64(x) / degree, 0); }
