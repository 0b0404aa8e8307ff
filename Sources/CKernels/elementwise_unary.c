#include "elementwise_isa.h"
#include "elementwise_math.h"
#include "swl_unary.h"

#pragma STDC FP_CONTRACT OFF

typedef void (*unary_loop)(float p, float q, const float *input, float *output, size_t count);

static inline float unary_clamp(float x, float low, float high) {
  const float raised = x < low ? low : x;
  return high < raised ? high : raised;
}

/// The last elements of a tensor are computed in a block of their own, so that no loop needs a second form for fewer.
enum { LARGEST_STEP = HAS_ELEMENTWISE_AVX512 ? 64 : HAS_ELEMENTWISE_AVX2 ? 32 : 16, SINE_BLOCK = 256 };

static __attribute__((noinline)) void any_sines(const float *input, float *output, size_t count, int32_t shift) {
  for (size_t i = 0; i < count; i++)
    output[i] = swl_sine_f32(input[i], shift);
}

#define ISA_BODY "elementwise_unary_variant.inc"
#include "elementwise_isa.inc"

void swl_f32_unary(swl_isa isa, swl_unary function, const float *input, float *output, size_t count) {
  static const unary_loop *const variants[] = ELEMENTWISE_VARIANTS(unary_loops);
  static const uint8_t steps[] = ELEMENTWISE_VARIANTS(unary_step);
  const int variant = elementwise_variant(isa);
  const unary_loop loop = variants[variant][function.op];
  const size_t step = steps[variant], whole = count / step * step;
  if (whole > 0)
    loop(function.p, function.q, input, output, whole);
  if (count == whole)
    return;
  float rest[LARGEST_STEP] = {0};
  memcpy(rest, input + whole, (count - whole) * sizeof *rest);
  loop(function.p, function.q, rest, rest, step);
  memcpy(output + whole, rest, (count - whole) * sizeof *rest);
}

float swl_f32_unary_value(swl_unary function, float x) {
  float result;
  swl_f32_unary(SWL_ISA_SCALAR, function, &x, &result, 1);
  return result;
}

double swl_logistic_f64(double x) { return 1.0 / (1.0 + swl_exp_f64(-x)); }

double swl_root_f64(float x, double degree) { return swl_exp_f64(swl_log_f64(x) / degree); }
