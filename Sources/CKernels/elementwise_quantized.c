#pragma STDC FP_CONTRACT OFF

#include "elementwise_broadcast.h"
#include "elementwise_isa.h"
#include "isa_variants.h"

#define QUANTIZED_LOOP                                                                                                 \
  _Pragma("clang loop vectorize(assume_safety) interleave_count(1)") for (size_t i = 0; i < count; i++)

/// TensorFlow Lite's reference ADD and SUB.
static inline int32_t quantized_add(const swl_quantized_add_params *p, int32_t x, int32_t y) {
  const int32_t a = swl_multiply_double_rounding((x + p->a_offset) * (1 << p->left_shift), p->a);
  const int32_t b = swl_multiply_double_rounding((y + p->b_offset) * (1 << p->left_shift), p->b);
  const int32_t sum = p->subtract ? a - b : a + b;
  return swl_clamp_i32(swl_add_offset(swl_multiply_double_rounding(sum, p->output), p->output_offset), p->minimum,
                       p->maximum);
}

static int32_t shifted_sum(const swl_i16_shifted_sum_params *p, int32_t x, int32_t y) {
  const int32_t a = swl_rounding_divide_by_pot(x, p->a_shift), b = swl_rounding_divide_by_pot(y, p->b_shift);
  return swl_clamp_i32(p->subtract ? a - b : a + b, p->minimum, p->maximum);
}

static int32_t quantized_div(const swl_quantized_div_params *p, int32_t x, int32_t y) {
  const int32_t dividend = x + p->a_offset, divisor = y + p->b_offset;
  if (divisor == 0)
    return dividend == 0  ? swl_clamp_i32(p->output_offset, p->minimum, p->maximum)
           : dividend > 0 ? p->maximum
                          : p->minimum;
  const double exact = (double)dividend / (double)divisor * p->scale;
  const double limit = 1e9;
  const double limited = exact > limit ? limit : exact < -limit ? -limit : exact;
  const int32_t rounded = (int32_t)(limited < 0 ? limited - 0.5 : limited + 0.5);
  return swl_clamp_i32(rounded + p->output_offset, p->minimum, p->maximum);
}

static inline int32_t q8_sum(const swl_q8_sum_params *p, int32_t x, int32_t y) {
  const int32_t sum = (x * p->a + y * p->b + p->bias) >> p->shift;
  return swl_clamp_i32(sum + p->output_offset, p->minimum, p->maximum);
}

static inline int32_t q8_product(const swl_q8_product_params *p, int32_t x, int32_t y) {
  float value = (float)((x + p->a_offset) * (y + p->b_offset)) * p->ratio;
  value = value < p->maximum ? value : p->maximum;
  value = value > p->minimum ? value : p->minimum;
  const float rounder = 0x1.8p23f; // adding it rounds to an integer
  return (int32_t)((value + rounder) - rounder) + p->output_offset;
}

static inline int32_t squared_difference(const swl_squared_difference_params *p, int32_t x, int32_t y) {
  const double difference = (double)(x + p->a_offset) * p->a - (double)(y + p->b_offset) * p->b;
  const double square = difference * difference;
  const double lowered = square < p->maximum ? square : p->maximum;
  const double value = lowered > p->minimum ? lowered : p->minimum;
  const double rounder = 0x1.8p52; // adding it rounds to an integer
  return (int32_t)((value + rounder) - rounder) + p->output_offset;
}

/// TensorFlow Lite's reference PRELU.
static int32_t quantized_prelu(const swl_quantized_prelu_params *p, int32_t x, int32_t y) {
  const int32_t a = x + p->a_offset;
  const int32_t value = a >= 0 ? swl_multiply_double_rounding(a, p->positive)
                               : swl_multiply_double_rounding(a * (y + p->b_offset), p->negative);
  return swl_clamp_i32(swl_add_offset(value, p->output_offset), p->minimum, p->maximum);
}

/// One side of quantized_prelu for 8 bits, where nothing overflows: shifts are at most MOST_PRELU_SHIFT.
typedef struct prelu_side {
  int32_t raise, multiplier, shift;
} prelu_side;

enum { MOST_PRELU_SHIFT = 14 };

static prelu_side prelu_side_of(swl_multiplier m) {
  return (prelu_side){m.shift > 0 ? 1 << m.shift : 1, m.multiplier, m.shift > 0 ? 0 : -m.shift};
}

/// The same as quantized_prelu, without branches.
static inline int32_t q8_prelu(const swl_quantized_prelu_params *p, prelu_side above, prelu_side below, int32_t x,
                               int32_t y) {
  const int32_t a = x + p->a_offset;
  const int32_t raised = a >= 0 ? a * above.raise : a * (y + p->b_offset) * below.raise;
  const int64_t multiplier = a >= 0 ? above.multiplier : below.multiplier;
  const int32_t shift = a >= 0 ? above.shift : below.shift, mask = (int32_t)((1u << shift) - 1);
  const int32_t high = (int32_t)((raised * multiplier + (1 << 30)) >> 31);
  const int32_t value = (high >> shift) + ((high & mask) > (mask >> 1) + (high < 0));
  return swl_clamp_i32(value + p->output_offset, p->minimum, p->maximum);
}

/// TensorFlow Lite's reference MUL.
static inline int32_t quantized_mul(const swl_quantized_mul_params *p, int32_t x, int32_t y) {
  const int32_t product = (x + p->a_offset) * (y + p->b_offset);
  return swl_clamp_i32(swl_add_offset(swl_multiply_double_rounding(product, p->output), p->output_offset), p->minimum,
                       p->maximum);
}

/// 8-bit ADD and SUB, and MUL.
typedef struct q8_row {
  binary_row sum, product;
} q8_row;

#if HAS_VARIANT_AVX2
#include "elementwise_q8_x86.h"
#endif

#define ISA_BODY "elementwise_quantized_variant.inc"
#include "isa_variants.inc"

static binary_sizes sizes_of(swl_type type) {
  return type == SWL_I16 ? (binary_sizes){2, 2, 2} : (binary_sizes){1, 1, 1};
}

#define VARIANT(name) name
#define ADD_SETUP const swl_quantized_add_params *p = params
#define MUL_SETUP const swl_quantized_mul_params *p = params
BINARY_ROW(i8_add, int8_t, int8_t, int8_t, COMPACT_LOOP, ADD_SETUP, quantized_add(p, x, y))
BINARY_ROW(u8_add, uint8_t, uint8_t, uint8_t, COMPACT_LOOP, ADD_SETUP, quantized_add(p, x, y))
BINARY_ROW(i16_add, int16_t, int16_t, int16_t, COMPACT_LOOP, ADD_SETUP, quantized_add(p, x, y))
BINARY_ROW(i8_mul, int8_t, int8_t, int8_t, COMPACT_LOOP, MUL_SETUP, quantized_mul(p, x, y))
BINARY_ROW(u8_mul, uint8_t, uint8_t, uint8_t, COMPACT_LOOP, MUL_SETUP, quantized_mul(p, x, y))
BINARY_ROW(i16_mul, int16_t, int16_t, int16_t, COMPACT_LOOP, MUL_SETUP, quantized_mul(p, x, y))

void swl_quantized_add(swl_type type, const swl_broadcast *shape, const swl_quantized_add_params *params, const void *a,
                       const void *b, void *output, size_t begin, size_t end) {
  static const binary_row rows[] = {[SWL_I8] = i8_add, [SWL_U8] = u8_add, [SWL_I16] = i16_add};
  elementwise_walk(shape, rows[type], sizes_of(type), params, a, b, output, begin, end);
}

void swl_quantized_mul(swl_type type, const swl_broadcast *shape, const swl_quantized_mul_params *params, const void *a,
                       const void *b, void *output, size_t begin, size_t end) {
  static const binary_row rows[] = {[SWL_I8] = i8_mul, [SWL_U8] = u8_mul, [SWL_I16] = i16_mul};
  elementwise_walk(shape, rows[type], sizes_of(type), params, a, b, output, begin, end);
}

static q8_row q8_row_for(swl_isa isa, swl_type type) {
  static const q8_row *const variants[] = ELEMENTWISE_VARIANTS(q8_rows);
  return variants[elementwise_variant(isa)][type];
}

void swl_q8_sum(swl_isa isa, swl_type type, const swl_broadcast *shape, const swl_q8_sum_params *params, const void *a,
                const void *b, void *output, size_t begin, size_t end) {
  elementwise_walk(shape, q8_row_for(isa, type).sum, sizes_of(type), params, a, b, output, begin, end);
}

void swl_q8_product(swl_isa isa, swl_type type, const swl_broadcast *shape, const swl_q8_product_params *params,
                    const void *a, const void *b, void *output, size_t begin, size_t end) {
  elementwise_walk(shape, q8_row_for(isa, type).product, sizes_of(type), params, a, b, output, begin, end);
}

#define DIV_SETUP const swl_quantized_div_params *p = params
BINARY_ROW(i8_div, int8_t, int8_t, int8_t, COMPACT_LOOP, DIV_SETUP, quantized_div(p, x, y))
BINARY_ROW(u8_div, uint8_t, uint8_t, uint8_t, COMPACT_LOOP, DIV_SETUP, quantized_div(p, x, y))
BINARY_ROW(i16_div, int16_t, int16_t, int16_t, COMPACT_LOOP, DIV_SETUP, quantized_div(p, x, y))

void swl_squared_difference(swl_isa isa, swl_type type, const swl_broadcast *shape,
                            const swl_squared_difference_params *params, const void *a, const void *b, void *output,
                            size_t begin, size_t end) {
  static const binary_row *const variants[] = ISA_VARIANTS(square_rows);
  elementwise_walk(shape, variants[isa_variant_for(isa)][type], sizes_of(type), params, a, b, output, begin, end);
}

void swl_quantized_div(swl_type type, const swl_broadcast *shape, const swl_quantized_div_params *params, const void *a,
                       const void *b, void *output, size_t begin, size_t end) {
  static const binary_row rows[] = {[SWL_I8] = i8_div, [SWL_U8] = u8_div, [SWL_I16] = i16_div};
  elementwise_walk(shape, rows[type], sizes_of(type), params, a, b, output, begin, end);
}

#define SHIFTED_SETUP const swl_i16_shifted_sum_params *p = params
BINARY_ROW(i16_shifted_sum, int16_t, int16_t, int16_t, ELEMENTWISE_LOOP, SHIFTED_SETUP, shifted_sum(p, x, y))

void swl_i16_shifted_sum(const swl_broadcast *shape, const swl_i16_shifted_sum_params *params, const int16_t *a,
                         const int16_t *b, int16_t *output, size_t begin, size_t end) {
  elementwise_walk(shape, i16_shifted_sum, sizes_of(SWL_I16), params, a, b, output, begin, end);
}

#define PRELU_SETUP const swl_quantized_prelu_params *p = params
BINARY_ROW(i8_prelu, int8_t, int8_t, int8_t, COMPACT_LOOP, PRELU_SETUP, quantized_prelu(p, x, y))
BINARY_ROW(u8_prelu, uint8_t, uint8_t, uint8_t, COMPACT_LOOP, PRELU_SETUP, quantized_prelu(p, x, y))
BINARY_ROW(i16_prelu, int16_t, int16_t, int16_t, COMPACT_LOOP, PRELU_SETUP, quantized_prelu(p, x, y))

void swl_quantized_prelu(swl_isa isa, swl_type type, const swl_broadcast *shape,
                         const swl_quantized_prelu_params *params, const void *a, const void *b, void *output,
                         size_t begin, size_t end) {
  static const binary_row rows[] = {[SWL_I8] = i8_prelu, [SWL_U8] = u8_prelu, [SWL_I16] = i16_prelu};
  static const binary_row *const variants[] = ISA_VARIANTS(prelu_rows);
  const bool overflows = params->positive.shift > MOST_PRELU_SHIFT || params->negative.shift > MOST_PRELU_SHIFT;
  const binary_row row = overflows || type == SWL_I16 ? rows[type] : variants[isa_variant_for(isa)][type];
  elementwise_walk(shape, row, sizes_of(type), params, a, b, output, begin, end);
}
