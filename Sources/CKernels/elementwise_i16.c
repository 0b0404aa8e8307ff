// ADD, SUB and MUL on int16 in lanes of 32 bits: TensorFlow Lite's reference kernels for multipliers that do not shift
// left, which is the rule.
#include "elementwise_broadcast.h"
#include "isa_variants.h"

#define QUANTIZED_LOOP                                                                                                 \
  _Pragma("clang loop vectorize(assume_safety) interleave_count(1)") for (size_t i = 0; i < count; i++)

/// `high / 2^-shift` rounded to nearest, ties away from 0; `shift` is in -30...0.
static inline int32_t round_down(int32_t high, int32_t shift) {
  const int32_t down = -shift, half = (int32_t)((1u << down) >> 1);
  return (high + half + (down > 0 ? high >> 31 : 0)) >> down;
}

/// `x * m` rounded twice, to nearest with ties upwards and then away from 0, for a magnitude of `x` up to 2^30 and
/// `m.shift` in -30...0, which needs no saturation.
static inline int32_t multiply_down(int32_t x, swl_multiplier m) {
  return round_down((int32_t)(((int64_t)x * m.multiplier + ((int64_t)1 << 30)) >> 31), m.shift);
}

static inline bool shifts_down(swl_multiplier m) { return m.shift <= 0 && m.shift >= -30; }

/// The operand of the larger scale is multiplied by exactly one half.
static inline bool is_half(swl_multiplier m) { return m.multiplier == 1 << 30 && m.shift == 0; }

/// How far operands are shifted left, so that the halves of a multiplier meet 16 bits each.
enum { LEFT_SHIFT = 15 };

/// `multiply_down` of an int16 `x` shifted left.
static inline int32_t operand(swl_multiplier m, int32_t x, const bool is_half) {
  if (is_half)
    return x * (1 << (LEFT_SHIFT - 1));
  const int32_t upper = m.multiplier >> 16, lower = m.multiplier & 0xFFFF;
  return round_down(x * upper + ((x * lower + (1 << 15)) >> 16), m.shift);
}

/// `halves` tells which operands are halved: 1 the first, 2 the second, 3 both.
static inline int32_t sum_down(const swl_quantized_add_params *p, int32_t x, int32_t y, const int halves) {
  const int32_t a = operand(p->a, x, (halves & 1) != 0), b = operand(p->b, y, (halves & 2) != 0);
  return swl_clamp_i32(multiply_down(p->subtract ? a - b : a + b, p->output), p->minimum, p->maximum);
}

static inline int32_t product_down(const swl_quantized_mul_params *p, int32_t x, int32_t y) {
  return swl_clamp_i32(multiply_down(x * y, p->output), p->minimum, p->maximum);
}

#define ISA_BODY "elementwise_i16_variant.inc"
#include "isa_variants.inc"

static const binary_sizes sizes = {2, 2, 2};

void swl_i16_sum(swl_isa isa, const swl_broadcast *shape, const swl_quantized_add_params *params, const int16_t *a,
                 const int16_t *b, int16_t *output, size_t begin, size_t end) {
  static const binary_row *const variants[] = ISA_VARIANTS(i16_sums);
  const int halves = (is_half(params->a) ? 1 : 0) + (is_half(params->b) ? 2 : 0);
  if (params->left_shift == LEFT_SHIFT && params->a.multiplier >= 0 && params->b.multiplier >= 0 &&
      shifts_down(params->a) && shifts_down(params->b) && shifts_down(params->output))
    elementwise_walk(shape, variants[isa_variant_for(isa)][halves], sizes, params, a, b, output, begin, end);
  else
    swl_quantized_add(SWL_I16, shape, params, a, b, output, begin, end);
}

void swl_i16_product(swl_isa isa, const swl_broadcast *shape, const swl_quantized_mul_params *params, const int16_t *a,
                     const int16_t *b, int16_t *output, size_t begin, size_t end) {
  static const binary_row variants[] = ISA_VARIANTS(i16_product_down);
  if (shifts_down(params->output))
    elementwise_walk(shape, variants[isa_variant_for(isa)], sizes, params, a, b, output, begin, end);
  else
    swl_quantized_mul(SWL_I16, shape, params, a, b, output, begin, end);
}
