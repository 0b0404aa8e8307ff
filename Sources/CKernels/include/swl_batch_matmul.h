// Products of quantized matrices of which neither is constant.
#ifndef SWL_BATCH_MATMUL_H
#define SWL_BATCH_MATMUL_H

#include "swl_fixed_point.h"
#include "swl_isa.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct swl_batch_matmul_params {
  size_t rows, depth, columns;
  /// Whether the left matrix stands as (depth, rows) and the right one as (columns, depth).
  bool left_is_transposed, right_is_transposed;
  int32_t left_zero_point, right_zero_point, output_zero_point;
  swl_multiplier multiplier;
} swl_batch_matmul_params;

/// Copies a (rows, columns) matrix of `element_bytes` bytes an element to (columns, rows).
void swl_transpose(const void *input, void *output, size_t rows, size_t columns, size_t element_bytes);

/// Moves the right matrix into `prepared` as (depth, columns), `depth * columns` elements without zero point.
void swl_i8_batch_matmul_prepare(const swl_batch_matmul_params *params, const int8_t *right, int16_t *prepared);
void swl_i16_batch_matmul_prepare(const swl_batch_matmul_params *params, const int16_t *right, int16_t *prepared);

/// Rows [begin, end). 8 bits: exact 32-bit sums, at most 2^15 products, rounded twice. 16 bits: exact 64-bit sums,
/// rounded as swl_multiply_wide does.
void swl_i8_batch_matmul(swl_isa isa, const swl_batch_matmul_params *params, const int8_t *left,
                         const int16_t *prepared, int8_t *output, size_t begin, size_t end);
void swl_i16_batch_matmul(swl_isa isa, const swl_batch_matmul_params *params, const int16_t *left,
                          const int16_t *prepared, int16_t *output, size_t begin, size_t end);

#endif
