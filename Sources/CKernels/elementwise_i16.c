// ADD, SUB and MUL on int16 in lanes of 32 bits: TensorFlow Lite's reference kernels for multipliers that do not shift
// left, which is the rule.
#include "elementwise_broadcast.h"
#include "elementwise_isa.h"

#define QUANTIZED_LOOP                                                                                                 \
  _Pragma("clang loop vectorize(assume_safety) interleave_count(1)") for (size_t i = 0; i < count; i++)

/// `x * m` rounded twice, for `m.shift <= 0`, which needs no saturation.
static inline int32_t multiply_down(int32_t x, swl_multiplier m) {
  const int32_t high = (int32_t)(((int64_t)x * m.multiplier + ((int64_t)1 << 30)) >> 31);
  const int32_t mask = (int32_t)((1u << -m.shift) - 1);
  return (high >> -m.shift) + ((high & mask) > (mask >> 1) + (high < 0 ? 1 : 0) ? 1 : 0);
}

static inline int32_t sum_down(const swl_quantized_add_params *p, int32_t x, int32_t y) {
  const int32_t a = multiply_down(x * (1 << p->left_shift), p->a), b = multiply_down(y * (1 << p->left_shift), p->b);
  return swl_clamp_i32(multiply_down(p->subtract ? a - b : a + b, p->output), p->minimum, p->maximum);
}

static inline int32_t product_down(const swl_quantized_mul_params *p, int32_t x, int32_t y) {
  return swl_clamp_i32(multiply_down(x * y, p->output), p->minimum, p->maximum);
}

#define ISA_BODY "elementwise_i16_variant.inc"
#include "elementwise_isa.inc"

static const binary_sizes sizes = {2, 2, 2};

void swl_i16_sum(swl_isa isa, const swl_broadcast *shape, const swl_quantized_add_params *params, const int16_t *a,
                 const int16_t *b, int16_t *output, size_t begin, size_t end) {
  static const binary_row variants[] = ELEMENTWISE_VARIANTS(i16_sum_down);
  if (params->a.shift > 0 || params->b.shift > 0 || params->output.shift > 0)
    swl_quantized_add(SWL_I16, shape, params, a, b, output, begin, end);
  else
    elementwise_walk(shape, variants[elementwise_variant(isa)], sizes, params, a, b, output, begin, end);
}

void swl_i16_product(swl_isa isa, const swl_broadcast *shape, const swl_quantized_mul_params *params, const int16_t *a,
                     const int16_t *b, int16_t *output, size_t begin, size_t end) {
  static const binary_row variants[] = ELEMENTWISE_VARIANTS(i16_product_down);
  if (params->output.shift > 0)
    swl_quantized_mul(SWL_I16, shape, params, a, b, output, begin, end);
  else
    elementwise_walk(shape, variants[elementwise_variant(isa)], sizes, params, a, b, output, begin, end);
}
