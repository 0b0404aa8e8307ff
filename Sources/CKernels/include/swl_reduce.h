// Reductions of a tensor over any set of axes.
//
// All variants return the same bytes: the order of additions and comparisons depends on the shape alone.
#ifndef SWL_REDUCE_H
#define SWL_REDUCE_H

#include "swl_fixed_point.h"
#include "swl_isa.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A tensor's axes, merged where neighbours are both kept or both reduced. The innermost run of elements stands apart.
typedef struct swl_reduce_shape {
  size_t kept_rank, kept_count[8], kept_stride[8];
  size_t reduced_rank, reduced_count[8], reduced_stride[8];
  /// Contiguous elements: kept ones side by side in the output, or reduced ones.
  size_t inner;
  bool inner_is_reduced;
} swl_reduce_shape;

/// How integer sums become elements: `(sum - offset) * ratio + zero_point` in float32, rounded to the nearest even
/// integer; or, where `ratio` is 0, `(sum - offset) * multiplier + zero_point`, rounded twice as in swl_fixed_point.h.
typedef struct swl_reduce_scaling {
  int64_t offset;
  float ratio;
  swl_multiplier multiplier;
  int32_t zero_point;
} swl_reduce_scaling;

/// Outputs [begin, end) of the outer kept axes (a run of `inner` elements each, or one when the run is reduced).
/// `divisor` is the count of reduced elements for a mean and 1 for a sum.
void swl_f32_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const float *input, float *output, size_t begin,
                        size_t end, float divisor);
/// Sums wrap around at 64 bits; the quotient is truncated and then cut to the element's width.
void swl_i32_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const int32_t *input, int32_t *output, size_t begin,
                        size_t end, int64_t divisor);
void swl_i64_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const int64_t *input, int64_t *output, size_t begin,
                        size_t end, int64_t divisor);
/// At most 2^23 elements of 8 bits are reduced into one.
void swl_i8_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const int8_t *input, int8_t *output, size_t begin,
                       size_t end, const swl_reduce_scaling *scaling);
void swl_u8_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const uint8_t *input, uint8_t *output, size_t begin,
                       size_t end, const swl_reduce_scaling *scaling);
void swl_i16_reduce_sum(swl_isa isa, const swl_reduce_shape *shape, const int16_t *input, int16_t *output, size_t begin,
                        size_t end, const swl_reduce_scaling *scaling);

/// The product of int8 (`element_bytes` 1) or int16 elements less `input_zero_point`: each factor is brought to the
/// output's scale by `multiplier`, as is the last product. Outputs [begin, end) as above.
typedef struct swl_reduce_product_params {
  int32_t input_zero_point, output_zero_point;
  swl_multiplier multiplier;
} swl_reduce_product_params;

void swl_quantized_reduce_product(size_t element_bytes, const swl_reduce_shape *shape, const void *input, void *output,
                                  size_t begin, size_t end, const swl_reduce_product_params *params);

typedef enum swl_reduction { SWL_REDUCE_MAX, SWL_REDUCE_MIN, SWL_REDUCE_PROD } swl_reduction;

typedef enum swl_reduce_element {
  SWL_REDUCE_F32,
  SWL_REDUCE_I8,
  SWL_REDUCE_U8, // also bool: any other number than 0 is true
  SWL_REDUCE_I16,
  SWL_REDUCE_I32,
  SWL_REDUCE_I64
} swl_reduce_element;

/// Maximum, minimum, and for float32, int32 and int64 the product, which wraps around for integers. A comparison skips
/// NaN.
void swl_reduce(swl_isa isa, swl_reduction reduction, swl_reduce_element element, const swl_reduce_shape *shape,
                const void *input, void *output, size_t begin, size_t end);

#endif
