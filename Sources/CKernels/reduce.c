#pragma STDC FP_CONTRACT OFF

#include "isa_variants.h"
#include "reduce_body.h"
#include "swl_reduce.h"
#include <math.h>

#define ISA_BODY "reduce_variant.inc"
#include "isa_variants.inc"

// The rest is compiled once, for size.
#define VARIANT(name) name##__base
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)
REDUCE(i16_sum, int16_t, int64_t, 0, ADD)
REDUCE(i32_sum, int32_t, int64_t, 0, ADD_WRAPPING)
REDUCE(i64_sum, int64_t, int64_t, 0, ADD_WRAPPING)
REDUCE(f32_prod, float, float, 1, MUL)
REDUCE(i16_max, int16_t, int16_t, INT16_MIN, MAX)
REDUCE(i16_min, int16_t, int16_t, INT16_MAX, MIN)
REDUCE(i32_max, int32_t, int32_t, INT32_MIN, MAX)
REDUCE(i32_min, int32_t, int32_t, INT32_MAX, MIN)
REDUCE(i32_prod, int32_t, int32_t, 1, MUL_I32)
REDUCE(i64_max, int64_t, int64_t, INT64_MIN, MAX)
REDUCE(i64_min, int64_t, int64_t, INT64_MAX, MIN)
REDUCE(i64_prod, int64_t, int64_t, 1, MUL_I64)

/// Accumulators that live on the stack at a time.
enum { BLOCK = 256 };

/// Where the elements of output `index` of the outer kept axes begin.
static size_t kept_offset(const swl_reduce_shape *shape, size_t index) {
  size_t offset = 0;
  for (size_t axis = shape->kept_rank; axis-- > 0;) {
    offset += index % shape->kept_count[axis] * shape->kept_stride[axis];
    index /= shape->kept_count[axis];
  }
  return offset;
}

static size_t reduced_positions(const swl_reduce_shape *shape) {
  size_t positions = 1;
  for (size_t axis = 0; axis < shape->reduced_rank; axis++)
    positions *= shape->reduced_count[axis];
  return positions;
}

/// Moves `index`, the coordinates of `offset` in the reduced axes, to the next position.
static size_t next_position(const swl_reduce_shape *shape, size_t *index, size_t offset) {
  for (size_t axis = shape->reduced_rank; axis-- > 0;) {
    offset += shape->reduced_stride[axis];
    if (++index[axis] < shape->reduced_count[axis])
      return offset;
    offset -= shape->reduced_stride[axis] * shape->reduced_count[axis];
    index[axis] = 0;
  }
  return offset;
}

#define ONE_VARIANT(name)                                                                                              \
  { name##__base, name##__base }

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/// The walk over outputs and reduced positions. FINISH(sum) makes an element of an accumulator.
#define WALK(VARIANTS, name, type, sum, neutral, FINISH)                                                               \
  static const rows_function rows_variants[VARIANT_COUNT] = VARIANTS(name##_rows);                                     \
  static const run_function run_variants[VARIANT_COUNT] = VARIANTS(name##_run);                                        \
  const rows_function add_rows = rows_variants[isa_variant_for(isa)];                                                  \
  const run_function add_run = run_variants[isa_variant_for(isa)];                                                     \
  const size_t positions = reduced_positions(shape);                                                                   \
  for (size_t out = begin; out < end; out++) {                                                                         \
    const type *base = input + kept_offset(shape, out);                                                                \
    if (shape->inner_is_reduced) {                                                                                     \
      size_t index[8] = {0}, offset = 0;                                                                               \
      sum total = neutral;                                                                                             \
      for (size_t p = 0; p < positions; p++, offset = next_position(shape, index, offset))                             \
        total = add_run(base + offset, total, shape->inner);                                                           \
      output[out] = FINISH(total);                                                                                     \
      continue;                                                                                                        \
    }                                                                                                                  \
    for (size_t first = 0; first < shape->inner; first += BLOCK) {                                                     \
      const size_t count = smaller(shape->inner - first, BLOCK);                                                       \
      size_t index[8] = {0}, offset = first;                                                                           \
      sum totals[BLOCK];                                                                                               \
      for (size_t i = 0; i < count; i++)                                                                               \
        totals[i] = neutral;                                                                                           \
      for (size_t p = 0; p < positions; p++, offset = next_position(shape, index, offset))                             \
        add_rows(base + offset, totals, count);                                                                        \
      for (size_t i = 0; i < count; i++)                                                                               \
        output[out * shape->inner + first + i] = FINISH(totals[i]);                                                    \
    }                                                                                                                  \
  }

#define FUNCTIONS(type, sum)                                                                                           \
  typedef void (*rows_function)(const type *, sum *, size_t);                                                          \
  typedef sum (*run_function)(const type *, sum, size_t);

void swl_f32_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const float *input, float *output, size_t begin,
                        size_t end, float divisor){FUNCTIONS(float, float)
#define QUOTIENT(x) ((x) / divisor)
                                                       WALK(ISA_VARIANTS, f32_sum, float, float, 0, QUOTIENT)
#undef QUOTIENT
}

#define SUM_WIDE(prefix, type)                                                                                         \
  void swl_##prefix##_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const type *input, type *output,          \
                                 size_t begin, size_t end, int64_t divisor) {                                          \
    FUNCTIONS(type, int64_t)                                                                                           \
    WALK(ONE_VARIANT, prefix##_sum, type, int64_t, 0, (type)QUOTIENT)                                                  \
  }
#define QUOTIENT(x) ((x) / divisor)
SUM_WIDE(i32, int32_t) SUM_WIDE(i64, int64_t)
#undef QUOTIENT

    static int32_t scaled(int64_t sum, const swl_reduce_scaling *s, int32_t low, int32_t high) {
  const int64_t difference = sum - s->offset;
  if (s->ratio > 0) {
    const float limit = 0x1p21f, magic = 0x1.8p23f, value = (float)difference * s->ratio;
    const float rounded = (fminf(fmaxf(value, -limit), limit) + magic) - magic;
    return swl_clamp_i32((int32_t)rounded + s->zero_point, low, high);
  }
  const int32_t product = swl_multiply_double_rounding(swl_saturate_i32(difference), s->multiplier);
  return swl_clamp_i32(swl_saturate_i32((int64_t)product + s->zero_point), low, high);
}

#define SUM_SCALED(VARIANTS, prefix, type, sum)                                                                        \
  void swl_##prefix##_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const type *input, type *output,          \
                                 size_t begin, size_t end, const swl_reduce_scaling *scaling) {                        \
    FUNCTIONS(type, sum)                                                                                               \
    WALK(VARIANTS, prefix##_sum, type, sum, 0, SCALED_##prefix)                                                        \
  }
#define SCALED_i8(x) (int8_t) scaled(x, scaling, INT8_MIN, INT8_MAX)
#define SCALED_u8(x) (uint8_t) scaled(x, scaling, 0, UINT8_MAX)
#define SCALED_i16(x) (int16_t) scaled(x, scaling, INT16_MIN, INT16_MAX)
SUM_SCALED(ISA_VARIANTS, i8, int8_t, int32_t)
SUM_SCALED(ISA_VARIANTS, u8, uint8_t, int32_t)
SUM_SCALED(ONE_VARIANT, i16, int16_t, int64_t)

#define SAME(x) (x)
#define EXTREME(VARIANTS, name, type, neutral)                                                                         \
  static void name(swl_isa isa, const swl_reduce_shape *shape, const void *elements, void *result, size_t begin,       \
                   size_t end) {                                                                                       \
    FUNCTIONS(type, type)                                                                                              \
    const type *input = elements;                                                                                      \
    type *output = result;                                                                                             \
    WALK(VARIANTS, name, type, type, neutral, SAME)                                                                    \
  }
EXTREME(ISA_VARIANTS, f32_max, float, -FLT_MAX)
EXTREME(ISA_VARIANTS, f32_min, float, FLT_MAX)
EXTREME(ISA_VARIANTS, i8_max, int8_t, INT8_MIN)
EXTREME(ISA_VARIANTS, i8_min, int8_t, INT8_MAX)
EXTREME(ISA_VARIANTS, u8_max, uint8_t, 0)
EXTREME(ISA_VARIANTS, u8_min, uint8_t, UINT8_MAX)
EXTREME(ONE_VARIANT, i16_max, int16_t, INT16_MIN)
EXTREME(ONE_VARIANT, i16_min, int16_t, INT16_MAX)
EXTREME(ONE_VARIANT, i32_max, int32_t, INT32_MIN)
EXTREME(ONE_VARIANT, i32_min, int32_t, INT32_MAX)
EXTREME(ONE_VARIANT, i64_max, int64_t, INT64_MIN)
EXTREME(ONE_VARIANT, i64_min, int64_t, INT64_MAX)
EXTREME(ONE_VARIANT, f32_prod, float, 1)
EXTREME(ONE_VARIANT, i32_prod, int32_t, 1)
EXTREME(ONE_VARIANT, i64_prod, int64_t, 1)

void swl_reduce(swl_isa isa, swl_reduction reduction, swl_reduce_element element, const swl_reduce_shape *shape,
                const void *input, void *output, size_t begin, size_t end) {
  typedef void (*function)(swl_isa, const swl_reduce_shape *, const void *, void *, size_t, size_t);
  static const function functions[][6] = {{f32_max, i8_max, u8_max, i16_max, i32_max, i64_max},
                                          {f32_min, i8_min, u8_min, i16_min, i32_min, i64_min},
                                          {f32_prod, 0, 0, 0, i32_prod, i64_prod}};
  functions[reduction][element](isa, shape, input, output, begin, end);
}

static int32_t element(size_t bytes, const void *input, size_t index) {
  return bytes == 1 ? ((const int8_t *)input)[index] : ((const int16_t *)input)[index];
}

/// TensorFlow Lite's reference REDUCE_PROD for one output: the elements of `shape` from `base` on, `run` of them side
/// by side.
static int32_t product(size_t bytes, const swl_reduce_shape *shape, const void *input, size_t base, size_t run,
                       const swl_reduce_product_params *params) {
  const size_t positions = reduced_positions(shape);
  size_t index[8] = {0}, offset = 0;
  int32_t total = 0;
  bool is_first = true;
  for (size_t p = 0; p < positions; p++, offset = next_position(shape, index, offset))
    for (size_t i = 0; i < run; i++) {
      const int32_t factor = element(bytes, input, base + offset + i) - params->input_zero_point;
      total = is_first ? factor : swl_multiply_wide((int64_t)total * factor, params->multiplier);
      is_first = false;
    }
  return swl_saturate_i32((int64_t)swl_multiply_wide(total, params->multiplier) + params->output_zero_point);
}

void swl_quantized_reduce_product(size_t element_bytes, const swl_reduce_shape *shape, const void *input, void *output,
                                  size_t begin, size_t end, const swl_reduce_product_params *params) {
  const size_t run = shape->inner_is_reduced ? shape->inner : 1, width = shape->inner_is_reduced ? 1 : shape->inner;
  for (size_t out = begin; out < end; out++)
    for (size_t i = 0; i < width; i++) {
      const int32_t value = product(element_bytes, shape, input, kept_offset(shape, out) + i, run, params);
      if (element_bytes == 1)
        ((int8_t *)output)[out * width + i] = (int8_t)swl_clamp_i32(value, INT8_MIN, INT8_MAX);
      else
        ((int16_t *)output)[out * width + i] = (int16_t)swl_clamp_i32(value, INT16_MIN, INT16_MAX);
    }
}

#pragma clang attribute pop
