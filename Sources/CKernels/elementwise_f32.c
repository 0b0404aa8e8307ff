#include "elementwise_broadcast.h"
#include "elementwise_math.h"
#include "isa_variants.h"

#pragma STDC FP_CONTRACT OFF

/// NaN passes.
static inline float f32_limit(float x, float low, float high) {
  const float raised = x < low ? low : x;
  return high < raised ? high : raised;
}

#define ISA_BODY "elementwise_f32_variant.inc"
#include "isa_variants.inc"

static float f32_floor_div(float x, float y) { return swl_floor_f32(x / y); }

/// The remainder has the sign of the divisor.
static float f32_floor_mod(float x, float y) {
  const float remainder = swl_remainder_f32(x, y);
  return remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder;
}

#define VARIANT(name) name
BINARY_ROW(floor_div, float, float, float, COMPACT_LOOP, (void)params, f32_floor_div(x, y))
BINARY_ROW(floor_mod, float, float, float, COMPACT_LOOP, (void)params, f32_floor_mod(x, y))
BINARY_ROW(arctangent, float, float, float, COMPACT_LOOP, (void)params, swl_atan2_f32(x, y))
#undef VARIANT

static binary_row row_for(swl_isa isa, swl_binary_op op) {
  static const binary_row *const variants[] = ISA_VARIANTS(f32_row_table);
  switch (op) {
  case SWL_BINARY_FLOOR_DIV:
    return floor_div;
  case SWL_BINARY_FLOOR_MOD:
    return floor_mod;
  case SWL_BINARY_ATAN2:
    return arctangent;
  default:
    return variants[isa_variant_for(isa)][op];
  }
}

void swl_f32_binary(swl_isa isa, swl_binary_op op, const swl_broadcast *shape, swl_f32_limits limits, const float *a,
                    const float *b, float *output, size_t begin, size_t end) {
  const binary_sizes sizes = {sizeof *a, sizeof *b, sizeof *output};
  elementwise_walk(shape, row_for(isa, op), sizes, &limits, a, b, output, begin, end);
}
