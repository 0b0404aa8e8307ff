#pragma STDC FP_CONTRACT OFF

#include "isa_variants.h"
#include "reduce_body.h"
#include "swl_reduce.h"
#include <string.h>

/// To the nearest even integer, of at most 2^21 in magnitude; NaN becomes the lowest.
static inline int32_t rounded(float value) {
  const float limit = 0x1p21f, magic = 0x1.8p23f;
  const float raised = value > -limit ? value : -limit;
  return (int32_t)(((raised < limit ? raised : limit) + magic) - magic);
}

// A choice between vectors by a vector is no conversion to bool.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wconversion"
#define ISA_BODY "reduce_variant.inc"
#include "isa_variants.inc"
#pragma clang diagnostic pop

// The rest is compiled once, for size.
#define VARIANT(name) name##__base
#define VARIANT_FOR_SIZE true
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)
REDUCE_INTEGERS(i16_sum, int16_t, int64_t, 0, ADD)
REDUCE_INTEGERS(i32_sum, int32_t, int64_t, 0, ADD_WRAPPING)
REDUCE_INTEGERS(i64_sum, int64_t, int64_t, 0, ADD_WRAPPING)
REDUCE(f32_prod, float, 1, MUL, false)
REDUCE_INTEGERS(i16_max, int16_t, int16_t, INT16_MIN, MAX)
REDUCE_INTEGERS(i16_min, int16_t, int16_t, INT16_MAX, MIN)
REDUCE_INTEGERS(i32_max, int32_t, int32_t, INT32_MIN, MAX)
REDUCE_INTEGERS(i32_min, int32_t, int32_t, INT32_MAX, MIN)
REDUCE_INTEGERS(i32_prod, int32_t, int32_t, 1, MUL_I32)
REDUCE_INTEGERS(i64_max, int64_t, int64_t, INT64_MIN, MAX)
REDUCE_INTEGERS(i64_min, int64_t, int64_t, INT64_MAX, MIN)
REDUCE_INTEGERS(i64_prod, int64_t, int64_t, 1, MUL_I64)

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

/// Positions of the first `rank` reduced axes.
static size_t reduced_positions(const swl_reduce_shape *shape, size_t rank) {
  size_t positions = 1;
  for (size_t axis = 0; axis < rank; axis++)
    positions *= shape->reduced_count[axis];
  return positions;
}

/// Moves `index`, the coordinates of `offset` in the first `rank` reduced axes, to the next position.
static size_t next_position(const swl_reduce_shape *shape, size_t rank, size_t *index, size_t offset) {
  for (size_t axis = rank; axis-- > 0;) {
    offset += shape->reduced_stride[axis];
    if (++index[axis] < shape->reduced_count[axis])
      return offset;
    offset -= shape->reduced_stride[axis] * shape->reduced_count[axis];
    index[axis] = 0;
  }
  return offset;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/// Makes elements of `count` accumulators.
typedef void (*reduce_finish)(const void *totals, void *output, size_t count, const void *scaling);

/// Outputs [begin, end) of the outer kept axes, in blocks of which the inputs are equally far apart: those of an inner
/// run, or of the innermost kept axis. Without `finish` accumulators are elements.
static void reduce(const swl_reduce_shape *shape, const reduce_kernel *kernel, const void *input, void *output,
                   size_t output_bytes, size_t begin, size_t end, reduce_finish finish, const void *scaling) {
  const bool is_run = shape->inner_is_reduced;
  const size_t width = is_run ? 1 : shape->inner, kept = shape->kept_rank, reduced = shape->reduced_rank;
  const size_t side_by_side = !is_run ? width : kept > 0 ? shape->kept_count[kept - 1] : 1;
  // Rows walk the innermost reduced axis themselves.
  const size_t rank = is_run || reduced == 0 ? reduced : reduced - 1;
  const size_t depth = is_run ? shape->inner : rank < reduced ? shape->reduced_count[rank] : 1;
  const size_t positions = reduced_positions(shape, rank);
  for (size_t first = begin * width, count; first < end * width; first += count) {
    count = smaller(smaller(side_by_side - first % side_by_side, end * width - first), BLOCK);
    const size_t base = kept_offset(shape, first / width) + first % width;
    int64_t totals[BLOCK];
    size_t index[8] = {0}, offset = 0, p = 0;
    do {
      const char *from = (const char *)input + (base + offset) * kernel->element_bytes;
      const size_t elements = positions > 0 ? depth : 0;
      if (is_run)
        kernel->runs(from, kept > 0 ? shape->kept_stride[kept - 1] : 0, count, totals, elements, p == 0);
      else
        kernel->rows(from, rank < reduced ? shape->reduced_stride[rank] : 0, elements, totals, count, p == 0);
      offset = next_position(shape, rank, index, offset);
    } while (++p < positions);
    char *to = (char *)output + first * output_bytes;
    if (finish)
      finish(totals, to, count, scaling);
    else
      memcpy(to, totals, count * output_bytes);
  }
}

void swl_f32_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const float *input, float *output, size_t begin,
                        size_t end, float divisor) {
  static const reduce_kernel *const kernels[] = ISA_VARIANTS(f32_sum);
  static const reduce_finish quotients[] = ISA_VARIANTS(f32_quotient);
  const isa_variant variant = isa_variant_for(isa);
  reduce(shape, kernels[variant], input, output, sizeof *output, begin, end, quotients[variant], &divisor);
}

#define SUM_WIDE(prefix, type)                                                                                         \
  static void prefix##_quotient(const void *totals, void *output, size_t count, const void *divisor) {                 \
    for (size_t i = 0; i < count; i++)                                                                                 \
      ((type *)output)[i] = (type)(((const int64_t *)totals)[i] / *(const int64_t *)divisor);                          \
  }                                                                                                                    \
  void swl_##prefix##_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const type *input, type *output,          \
                                 size_t begin, size_t end, int64_t divisor) {                                          \
    (void)isa;                                                                                                         \
    reduce(shape, prefix##_sum__base, input, output, sizeof *output, begin, end, prefix##_quotient, &divisor);         \
  }
SUM_WIDE(i32, int32_t)
SUM_WIDE(i64, int64_t)

static int32_t scaled(int64_t sum, const swl_reduce_scaling *s, int32_t low, int32_t high) {
  const int64_t difference = sum - s->offset;
  if (s->ratio > 0)
    return swl_clamp_i32(rounded((float)difference * s->ratio) + s->zero_point, low, high);
  const int32_t product = swl_multiply_double_rounding(swl_saturate_i32(difference), s->multiplier);
  return swl_clamp_i32(swl_saturate_i32((int64_t)product + s->zero_point), low, high);
}

#define SCALED(prefix, type, sum, low, high)                                                                           \
  static void prefix##_finish(const void *totals, void *output, size_t count, const void *scaling) {                   \
    for (size_t i = 0; i < count; i++)                                                                                 \
      ((type *)output)[i] = (type)scaled(((const sum *)totals)[i], scaling, low, high);                                \
  }
SCALED(i8, int8_t, int32_t, INT8_MIN, INT8_MAX)
SCALED(u8, uint8_t, int32_t, 0, UINT8_MAX)
SCALED(i16, int16_t, int64_t, INT16_MIN, INT16_MAX)

/// Whether sums of 8-bit elements, less the offset, fit 32 bits and have a ratio.
static bool has_narrow_ratio(const swl_reduce_shape *shape, const swl_reduce_scaling *s) {
  const size_t count = reduced_positions(shape, shape->reduced_rank) * (shape->inner_is_reduced ? shape->inner : 1);
  const int64_t limit = 1 << 30;
  return s->ratio > 0 && -limit < s->offset && s->offset < limit && count <= 1 << 22;
}

#define SUM_BYTES(prefix, type)                                                                                        \
  void swl_##prefix##_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const type *input, type *output,          \
                                 size_t begin, size_t end, const swl_reduce_scaling *scaling) {                        \
    static const reduce_kernel *const kernels[] = ISA_VARIANTS(prefix##_sum);                                          \
    static const reduce_finish narrow[] = ISA_VARIANTS(prefix##_scaled);                                               \
    const isa_variant variant = isa_variant_for(isa);                                                                  \
    reduce(shape, kernels[variant], input, output, sizeof *output, begin, end,                                         \
           has_narrow_ratio(shape, scaling) ? narrow[variant] : prefix##_finish, scaling);                             \
  }
SUM_BYTES(i8, int8_t)
SUM_BYTES(u8, uint8_t)

void swl_i16_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const int16_t *input, int16_t *output, size_t begin,
                        size_t end, const swl_reduce_scaling *scaling) {
  (void)isa;
  reduce(shape, i16_sum__base, input, output, sizeof *output, begin, end, i16_finish, scaling);
}

#define ONE_VARIANT(name)                                                                                              \
  { name##__base, name##__base }

void swl_reduce(swl_isa isa, swl_reduction reduction, swl_reduce_element element, const swl_reduce_shape *shape,
                const void *input, void *output, size_t begin, size_t end) {
  static const reduce_kernel *const kernels[][6][VARIANT_COUNT] = {
      {ISA_VARIANTS(f32_max), ISA_VARIANTS(i8_max), ISA_VARIANTS(u8_max), ONE_VARIANT(i16_max), ONE_VARIANT(i32_max),
       ONE_VARIANT(i64_max)},
      {ISA_VARIANTS(f32_min), ISA_VARIANTS(i8_min), ISA_VARIANTS(u8_min), ONE_VARIANT(i16_min), ONE_VARIANT(i32_min),
       ONE_VARIANT(i64_min)},
      {ONE_VARIANT(f32_prod), {0}, {0}, {0}, ONE_VARIANT(i32_prod), ONE_VARIANT(i64_prod)}};
  const reduce_kernel *kernel = kernels[reduction][element][isa_variant_for(isa)];
  reduce(shape, kernel, input, output, kernel->sum_bytes, begin, end, NULL, NULL);
}

static int32_t element(size_t bytes, const void *input, size_t index) {
  return bytes == 1 ? ((const int8_t *)input)[index] : ((const int16_t *)input)[index];
}

/// TensorFlow Lite's reference REDUCE_PROD for one output: the elements of `shape` from `base` on, `run` of them side
/// by side.
static int32_t product(size_t bytes, const swl_reduce_shape *shape, const void *input, size_t base, size_t run,
                       const swl_reduce_product_params *params) {
  const size_t rank = shape->reduced_rank, positions = reduced_positions(shape, rank);
  size_t index[8] = {0}, offset = 0;
  int32_t total = 0;
  bool is_first = true;
  for (size_t p = 0; p < positions; p++, offset = next_position(shape, rank, index, offset))
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
