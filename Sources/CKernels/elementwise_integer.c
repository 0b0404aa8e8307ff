#include "elementwise_broadcast.h"

#define VARIANT(name) name

#define LIMITS(T)                                                                                                      \
  const T low = (T)((const swl_i64_limits *)params)->minimum;                                                          \
  const T high = (T)((const swl_i64_limits *)params)->maximum

/// Quotients and remainders that are defined for every pair; see swl_integer_binary. The quotient rounds towards zero.
#define DIVISION(prefix, T, highest)                                                                                   \
  static inline T prefix##_quotient(T x, T y) {                                                                        \
    if (y == 0)                                                                                                        \
      return 0;                                                                                                        \
    return y == (T)-1 && x == (T)(-highest - 1) ? highest : (T)(x / y);                                                \
  }                                                                                                                    \
  static inline T prefix##_floor_mod(T x, T y) {                                                                       \
    if (y == 0 || y == (T)-1)                                                                                          \
      return 0;                                                                                                        \
    const T remainder = (T)(x % y);                                                                                    \
    return remainder != 0 && (remainder < 0) != (y < 0) ? (T)(remainder + y) : remainder;                              \
  }                                                                                                                    \
  static inline T prefix##_floor_quotient(T x, T y) {                                                                  \
    const T quotient = prefix##_quotient(x, y);                                                                        \
    return y != 0 && y != (T)-1 && x % y != 0 && (x < 0) != (y < 0) ? (T)(quotient - 1) : quotient;                    \
  }

DIVISION(i8, int8_t, INT8_MAX)
DIVISION(i16, int16_t, INT16_MAX)
DIVISION(i32, int32_t, INT32_MAX)
DIVISION(i64, int64_t, INT64_MAX)

/// Division that wraps around the type is only reachable for signed types.
static inline uint8_t u8_floor_quotient(uint8_t x, uint8_t y) { return y == 0 ? 0 : (uint8_t)(x / y); }
static inline uint8_t u8_floor_mod(uint8_t x, uint8_t y) { return y == 0 ? 0 : (uint8_t)(x % y); }

/// `x` to the power `y` modulo 2^64.
static inline int64_t integer_power(int64_t x, int64_t y) {
  if (y < 0)
    return x == 1 ? 1 : x == -1 ? (y % 2 == 0 ? 1 : -1) : 0;
  uint64_t result = 1;
  for (uint64_t base = (uint64_t)x; y > 0; y >>= 1, base *= base)
    if (y & 1)
      result *= base;
  return (int64_t)result;
}

#define CLAMPED(T, value) ((T)(value) < low ? low : (T)(value) > high ? high : (T)(value))

#define ORDER(prefix, T)                                                                                               \
  BINARY_ROW(prefix##_maximum, T, T, T, ELEMENTWISE_LOOP, (void)params, x > y ? x : y)                                 \
  BINARY_ROW(prefix##_minimum, T, T, T, ELEMENTWISE_LOOP, (void)params, x < y ? x : y)                                 \
  BINARY_ROW(prefix##_floor_div, T, T, T, COMPACT_LOOP, (void)params, prefix##_floor_quotient(x, y))                   \
  BINARY_ROW(prefix##_mod, T, T, T, COMPACT_LOOP, (void)params, prefix##_floor_mod(x, y))

#define ARITHMETIC(prefix, T, U)                                                                                       \
  BINARY_ROW(prefix##_add, T, T, T, ELEMENTWISE_LOOP, LIMITS(T), CLAMPED(T, (U)x + (U)y))                              \
  BINARY_ROW(prefix##_sub, T, T, T, ELEMENTWISE_LOOP, LIMITS(T), CLAMPED(T, (U)x - (U)y))                              \
  BINARY_ROW(prefix##_mul, T, T, T, ELEMENTWISE_LOOP, LIMITS(T), CLAMPED(T, (U)x *(U)y))                               \
  BINARY_ROW(prefix##_div, T, T, T, COMPACT_LOOP, LIMITS(T), CLAMPED(T, prefix##_quotient(x, y)))                      \
  BINARY_ROW(prefix##_squared_difference, T, T, T, ELEMENTWISE_LOOP, (void)params, ((U)x - (U)y) * ((U)x - (U)y))      \
  BINARY_ROW(prefix##_power, T, T, T, COMPACT_LOOP, (void)params, integer_power(x, y))

ORDER(i8, int8_t)
ORDER(u8, uint8_t)
ORDER(i16, int16_t)
ORDER(i32, int32_t)
ORDER(i64, int64_t)
ARITHMETIC(i16, int16_t, uint32_t)
ARITHMETIC(i32, int32_t, uint32_t)
ARITHMETIC(i64, int64_t, uint64_t)

#define ORDER_TABLE(prefix)                                                                                            \
  [SWL_BINARY_MAXIMUM] = prefix##_maximum, [SWL_BINARY_MINIMUM] = prefix##_minimum,                                    \
  [SWL_BINARY_FLOOR_DIV] = prefix##_floor_div, [SWL_BINARY_FLOOR_MOD] = prefix##_mod
#define ARITHMETIC_TABLE(prefix)                                                                                       \
  [SWL_BINARY_ADD] = prefix##_add, [SWL_BINARY_SUB] = prefix##_sub, [SWL_BINARY_MUL] = prefix##_mul,                   \
  [SWL_BINARY_DIV] = prefix##_div, [SWL_BINARY_SQUARED_DIFFERENCE] = prefix##_squared_difference,                      \
  [SWL_BINARY_POW] = prefix##_power

static const binary_row all_rows[][SWL_BINARY_ATAN2 + 1] = {
    [SWL_I8] = {ORDER_TABLE(i8)},
    [SWL_U8] = {ORDER_TABLE(u8)},
    [SWL_I16] = {ORDER_TABLE(i16), ARITHMETIC_TABLE(i16)},
    [SWL_I32] = {ORDER_TABLE(i32), ARITHMETIC_TABLE(i32)},
    [SWL_I64] = {ORDER_TABLE(i64), ARITHMETIC_TABLE(i64)},
};

static size_t size_of(swl_type type) {
  static const size_t sizes[] = {
      [SWL_F32] = 4, [SWL_I8] = 1, [SWL_U8] = 1, [SWL_I16] = 2, [SWL_I32] = 4, [SWL_I64] = 8};
  return sizes[type];
}

void swl_integer_binary(swl_type type, swl_binary_op op, const swl_broadcast *shape, swl_i64_limits limits,
                        const void *a, const void *b, void *output, size_t begin, size_t end) {
  const size_t size = size_of(type);
  const binary_sizes sizes = {size, size, size};
  elementwise_walk(shape, all_rows[type][op], sizes, &limits, a, b, output, begin, end);
}

#define COMPARISONS(prefix, T)                                                                                         \
  BINARY_ROW(prefix##_equal, T, T, uint8_t, ELEMENTWISE_LOOP, (void)params, x == y)                                    \
  BINARY_ROW(prefix##_not_equal, T, T, uint8_t, ELEMENTWISE_LOOP, (void)params, x != y)                                \
  BINARY_ROW(prefix##_less, T, T, uint8_t, ELEMENTWISE_LOOP, (void)params, x < y)                                      \
  BINARY_ROW(prefix##_less_equal, T, T, uint8_t, ELEMENTWISE_LOOP, (void)params, x <= y)                               \
  BINARY_ROW(prefix##_greater, T, T, uint8_t, ELEMENTWISE_LOOP, (void)params, x > y)                                   \
  BINARY_ROW(prefix##_greater_equal, T, T, uint8_t, ELEMENTWISE_LOOP, (void)params, x >= y)

COMPARISONS(f32, float)
COMPARISONS(i8, int8_t)
COMPARISONS(u8, uint8_t)
COMPARISONS(i16, int16_t)
COMPARISONS(i32, int32_t)
COMPARISONS(i64, int64_t)

#define COMPARISON_TABLE(prefix)                                                                                       \
  { prefix##_equal, prefix##_not_equal, prefix##_less, prefix##_less_equal, prefix##_greater, prefix##_greater_equal }

void swl_compare(swl_type type, swl_comparison op, const swl_broadcast *shape, const void *a, const void *b,
                 uint8_t *output, size_t begin, size_t end) {
  static const binary_row table[][SWL_GREATER_EQUAL + 1] = {
      [SWL_F32] = COMPARISON_TABLE(f32), [SWL_I8] = COMPARISON_TABLE(i8),   [SWL_U8] = COMPARISON_TABLE(u8),
      [SWL_I16] = COMPARISON_TABLE(i16), [SWL_I32] = COMPARISON_TABLE(i32), [SWL_I64] = COMPARISON_TABLE(i64)};
  const binary_sizes sizes = {size_of(type), size_of(type), 1};
  elementwise_walk(shape, table[type][op], sizes, NULL, a, b, output, begin, end);
}

#define VALUES const swl_q8_compare_params *p = params
#define XV p->a_values[x]
#define YV p->b_values[y]
BINARY_ROW(q8_equal, uint8_t, uint8_t, uint8_t, ELEMENTWISE_LOOP, VALUES, XV == YV)
BINARY_ROW(q8_not_equal, uint8_t, uint8_t, uint8_t, ELEMENTWISE_LOOP, VALUES, XV != YV)
BINARY_ROW(q8_less, uint8_t, uint8_t, uint8_t, ELEMENTWISE_LOOP, VALUES, XV < YV)
BINARY_ROW(q8_less_equal, uint8_t, uint8_t, uint8_t, ELEMENTWISE_LOOP, VALUES, XV <= YV)
BINARY_ROW(q8_greater, uint8_t, uint8_t, uint8_t, ELEMENTWISE_LOOP, VALUES, XV > YV)
BINARY_ROW(q8_greater_equal, uint8_t, uint8_t, uint8_t, ELEMENTWISE_LOOP, VALUES, XV >= YV)

void swl_q8_compare(swl_comparison op, const swl_broadcast *shape, swl_q8_compare_params params, const uint8_t *a,
                    const uint8_t *b, uint8_t *output, size_t begin, size_t end) {
  static const binary_row table[SWL_GREATER_EQUAL + 1] = COMPARISON_TABLE(q8);
  const binary_sizes sizes = {1, 1, 1};
  elementwise_walk(shape, table[op], sizes, &params, a, b, output, begin, end);
}

#define SCALES const swl_i16_equality_params *p = params
#define XS swl_multiply_double_rounding((int32_t)x * 256, p->a)
#define YS swl_multiply_double_rounding((int32_t)y * 256, p->b)
BINARY_ROW(i16_scaled_equal, int16_t, int16_t, uint8_t, COMPACT_LOOP, SCALES, XS == YS)
BINARY_ROW(i16_scaled_not_equal, int16_t, int16_t, uint8_t, COMPACT_LOOP, SCALES, XS != YS)

void swl_i16_equality(bool is_equal, const swl_broadcast *shape, const swl_i16_equality_params *params,
                      const int16_t *a, const int16_t *b, uint8_t *output, size_t begin, size_t end) {
  const binary_sizes sizes = {2, 2, 1};
  elementwise_walk(shape, is_equal ? i16_scaled_equal : i16_scaled_not_equal, sizes, params, a, b, output, begin, end);
}

BINARY_ROW(logical_and, uint8_t, uint8_t, uint8_t, ELEMENTWISE_LOOP, (void)params, (x != 0) & (y != 0))
BINARY_ROW(logical_or, uint8_t, uint8_t, uint8_t, ELEMENTWISE_LOOP, (void)params, (x != 0) | (y != 0))

void swl_logical(swl_logical_op op, const swl_broadcast *shape, const uint8_t *a, const uint8_t *b, uint8_t *output,
                 size_t begin, size_t end) {
  const binary_sizes sizes = {1, 1, 1};
  elementwise_walk(shape, op == SWL_AND ? logical_and : logical_or, sizes, NULL, a, b, output, begin, end);
}
