// Elementwise kernels with broadcasting.
//
// Every function computes the same bytes for every instruction set: no contraction into fused multiply-adds, no
// dependence on the C library. An output may be the very memory of an input that has as many elements of the same size,
// and overlaps nothing otherwise. Work is split by `begin` and `end`, a range of `swl_broadcast_items`.
#ifndef SWL_ELEMENTWISE_H
#define SWL_ELEMENTWISE_H

#include "swl_fixed_point.h"
#include "swl_isa.h"
#include <stddef.h>

enum { SWL_MAXIMUM_RANK = 8, SWL_MAXIMUM_OPERANDS = 3 };

/// How up to three operands of an elementwise operator are walked. Dimensions go from the innermost outwards;
/// neighbours that all operands walk alike are one. A stride counts elements and is 0 where an operand repeats.
typedef struct swl_broadcast {
  size_t rank;
  size_t counts[SWL_MAXIMUM_RANK];
  size_t strides[SWL_MAXIMUM_OPERANDS][SWL_MAXIMUM_RANK];
} swl_broadcast;

/// `dimensions` holds the dimensions of each operand in turn, outermost first, all of `rank` (at most 8); they
/// broadcast.
swl_broadcast swl_broadcast_make(size_t rank, size_t operands, const size_t *dimensions);

/// How many parts the work may be split into at most: the outermost count.
static inline size_t swl_broadcast_items(const swl_broadcast *b) { return b->counts[b->rank - 1]; }

/// Two operands, one output.
typedef enum swl_binary_op {
  SWL_BINARY_ADD,
  SWL_BINARY_SUB,
  SWL_BINARY_MUL,
  SWL_BINARY_DIV,
  SWL_BINARY_MAXIMUM,
  SWL_BINARY_MINIMUM,
  SWL_BINARY_SQUARED_DIFFERENCE,
  SWL_BINARY_FLOOR_DIV,
  SWL_BINARY_FLOOR_MOD,
  SWL_BINARY_POW,
  SWL_BINARY_ATAN2,
  SWL_BINARY_PRELU, // a for a >= 0, else a * b
} swl_binary_op;

/// Element types that kernels distinguish.
typedef enum swl_type {
  SWL_F32,
  SWL_I8,
  SWL_U8,
  SWL_I16,
  SWL_I32,
  SWL_I64,
} swl_type;

typedef struct swl_f32_limits {
  float minimum, maximum;
} swl_f32_limits;

typedef struct swl_i64_limits {
  int64_t minimum, maximum;
} swl_i64_limits;

/// All operations on float32. MAXIMUM and MINIMUM give the second operand when either is NaN; the limits let NaN pass.
/// The limits do not apply to the operations after DIV.
void swl_f32_binary(swl_isa isa, swl_binary_op op, const swl_broadcast *shape, swl_f32_limits limits, const float *a,
                    const float *b, float *output, size_t begin, size_t end);

/// Integers of `type` (not float32). ADD, SUB, MUL and SQUARED_DIFFERENCE wrap around, as two's complement does, before
/// the limits apply; they, DIV and the limits exist for 16 bits and more. A quotient by zero is 0, a remainder by zero
/// is 0; the lowest value over -1 is the highest value. DIV rounds towards zero, FLOOR_DIV and FLOOR_MOD towards minus
/// infinity. POW wraps around; a negative exponent gives the quotient of 1 by the positive power. No ATAN2.
void swl_integer_binary(swl_type type, swl_binary_op op, const swl_broadcast *shape, swl_i64_limits limits,
                        const void *a, const void *b, void *output, size_t begin, size_t end);

typedef enum swl_comparison {
  SWL_EQUAL,
  SWL_NOT_EQUAL,
  SWL_LESS,
  SWL_LESS_EQUAL,
  SWL_GREATER,
  SWL_GREATER_EQUAL,
} swl_comparison;

/// Writes 0 or 1 for each element. Every comparison with NaN but NOT_EQUAL is false.
void swl_compare(swl_type type, swl_comparison op, const swl_broadcast *shape, const void *a, const void *b,
                 uint8_t *output, size_t begin, size_t end);

/// 8-bit operands compared through their values in `a_values` and `b_values`, 256 each, indexed by the stored byte.
typedef struct swl_q8_compare_params {
  const int32_t *a_values, *b_values;
} swl_q8_compare_params;

void swl_q8_compare(swl_comparison op, const swl_broadcast *shape, swl_q8_compare_params params, const uint8_t *a,
                    const uint8_t *b, uint8_t *output, size_t begin, size_t end);

/// Equality of int16 numbers times 256 and their scales in fixed point, rounded twice.
typedef struct swl_i16_equality_params {
  swl_multiplier a, b;
} swl_i16_equality_params;

void swl_i16_equality(bool is_equal, const swl_broadcast *shape, const swl_i16_equality_params *params,
                      const int16_t *a, const int16_t *b, uint8_t *output, size_t begin, size_t end);

typedef enum swl_logical_op { SWL_AND, SWL_OR } swl_logical_op;

/// Booleans: any byte but 0 is true; writes 0 or 1.
void swl_logical(swl_logical_op op, const swl_broadcast *shape, const uint8_t *a, const uint8_t *b, uint8_t *output,
                 size_t begin, size_t end);

typedef enum swl_bitwise_op { SWL_BITWISE_XOR, SWL_SHIFT_RIGHT_SIGNED, SWL_SHIFT_RIGHT_UNSIGNED } swl_bitwise_op;

/// Elements of 1, 2 or 4 bytes. Shifts go by 0 to the width less one: distances outside are brought inside.
void swl_bitwise(swl_bitwise_op op, size_t element_bytes, const swl_broadcast *shape, const void *a, const void *b,
                 void *output, size_t begin, size_t end);

/// Copies elements of `element_bytes` (1, 2, 4 or 8) from `a` where the condition (operand 0) is not 0, else from `b`.
void swl_select(size_t element_bytes, const swl_broadcast *shape, const uint8_t *condition, const void *a,
                const void *b, void *output, size_t begin, size_t end);

/// Quantized ADD and SUB: each operand is brought to a common scale in 32 bits, and the sum to the output's:
/// `clamp(output_offset + output * (a * ((qa + a_offset) << left_shift) + b * ((qb + b_offset) << left_shift)))`, each
/// of the three products rounded twice. SUB subtracts the second term.
typedef struct swl_quantized_add_params {
  int32_t a_offset, b_offset, output_offset;
  int32_t left_shift;
  swl_multiplier a, b, output;
  bool subtract;
  int32_t minimum, maximum;
} swl_quantized_add_params;

/// `type` is int8, uint8 or int16.
void swl_quantized_add(swl_type type, const swl_broadcast *shape, const swl_quantized_add_params *params, const void *a,
                       const void *b, void *output, size_t begin, size_t end);

/// 8-bit ADD and SUB in 32 bits: `clamp(output_offset + ((qa * a + qb * b + bias) >> shift))`, where `bias` holds the
/// zero points of the operands and half a unit. The caller has proven that the sum fits; `a` and `b` are below 2^24,
/// the offset and the limits numbers of the type.
typedef struct swl_q8_sum_params {
  int32_t a, b, bias;
  int32_t shift, output_offset, minimum, maximum;
} swl_q8_sum_params;

/// `type` is int8 or uint8.
void swl_q8_sum(swl_isa isa, swl_type type, const swl_broadcast *shape, const swl_q8_sum_params *params, const void *a,
                const void *b, void *output, size_t begin, size_t end);

/// 8-bit MUL in float32: `round((qa + a_offset) * (qb + b_offset) * ratio) + output_offset`, to the nearest even
/// integer, clamped before the offset is added. The limits are whole numbers, with the offset ones of
/// the type, and so are the zero points; the ratio is below 2^8.
typedef struct swl_q8_product_params {
  int32_t a_offset, b_offset, output_offset;
  float ratio, minimum, maximum;
} swl_q8_product_params;

/// `type` is int8 or uint8.
void swl_q8_product(swl_isa isa, swl_type type, const swl_broadcast *shape, const swl_q8_product_params *params,
                    const void *a, const void *b, void *output, size_t begin, size_t end);

/// ADD and SUB of int16 whose scales are powers of two: `clamp(a / 2^a_shift +- b / 2^b_shift)`, each quotient rounded,
/// halves away from zero.
typedef struct swl_i16_shifted_sum_params {
  int32_t a_shift, b_shift;
  bool subtract;
  int32_t minimum, maximum;
} swl_i16_shifted_sum_params;

void swl_i16_shifted_sum(const swl_broadcast *shape, const swl_i16_shifted_sum_params *params, const int16_t *a,
                         const int16_t *b, int16_t *output, size_t begin, size_t end);

/// Quantized SQUARED_DIFFERENCE in float64: `out = output_offset + clamp(round(((qa + a_offset) * a - (qb + b_offset) *
/// b)^2))`, ties to even. `a` and `b` are the operands' scales over the square root of the output's; the limits are
/// those of the output without its offset.
typedef struct swl_squared_difference_params {
  int32_t a_offset, b_offset, output_offset;
  double a, b, minimum, maximum;
} swl_squared_difference_params;

/// `type` is int8 or int16.
void swl_squared_difference(swl_isa isa, swl_type type, const swl_broadcast *shape,
                            const swl_squared_difference_params *params, const void *a, const void *b, void *output,
                            size_t begin, size_t end);

/// Quantized MUL: `out = clamp(output_offset + (qa + a_offset) * (qb + b_offset) * output)`, rounded twice.
typedef struct swl_quantized_mul_params {
  int32_t a_offset, b_offset, output_offset;
  swl_multiplier output;
  int32_t minimum, maximum;
} swl_quantized_mul_params;

/// `type` is int8, uint8 or int16.
void swl_quantized_mul(swl_type type, const swl_broadcast *shape, const swl_quantized_mul_params *params, const void *a,
                       const void *b, void *output, size_t begin, size_t end);

/// The same on int16, without zero points, in the vectors of an instruction set.
void swl_i16_sum(swl_isa isa, const swl_broadcast *shape, const swl_quantized_add_params *params, const int16_t *a,
                 const int16_t *b, int16_t *output, size_t begin, size_t end);
void swl_i16_product(swl_isa isa, const swl_broadcast *shape, const swl_quantized_mul_params *params, const int16_t *a,
                     const int16_t *b, int16_t *output, size_t begin, size_t end);

/// Quantized DIV: `clamp(output_offset + round((qa + a_offset) / (qb + b_offset) * scale))` in double, halves away from
/// zero. A divisor of zero gives the largest number of the dividend's sign, or 0.
typedef struct swl_quantized_div_params {
  int32_t a_offset, b_offset, output_offset;
  double scale;
  int32_t minimum, maximum;
} swl_quantized_div_params;

/// `type` is int8, uint8 or int16.
void swl_quantized_div(swl_type type, const swl_broadcast *shape, const swl_quantized_div_params *params, const void *a,
                       const void *b, void *output, size_t begin, size_t end);

/// Quantized PRELU with the slope as second operand: `clamp(output_offset + x * positive)` for `x = qa + a_offset >=
/// 0`, else `clamp(output_offset + x * (qb + b_offset) * negative)`, rounded twice.
typedef struct swl_quantized_prelu_params {
  int32_t a_offset, b_offset, output_offset;
  swl_multiplier positive, negative;
  int32_t minimum, maximum;
} swl_quantized_prelu_params;

/// `type` is int8, uint8 or int16.
void swl_quantized_prelu(swl_isa isa, swl_type type, const swl_broadcast *shape,
                         const swl_quantized_prelu_params *params, const void *a, const void *b, void *output,
                         size_t begin, size_t end);

#endif
