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
  /// Whether the left matrix, with it the output, and the right matrix are int16 rather than int8. Zero points of int16
  /// are 0.
  bool left_is_wide, right_is_wide;
  int32_t left_zero_point, right_zero_point, output_zero_point;
  swl_multiplier multiplier;
} swl_batch_matmul_params;

/// Bytes of the right matrix as the kernels of an instruction set want it.
size_t swl_batch_matmul_prepared_bytes(swl_isa isa, const swl_batch_matmul_params *params);

/// Arranges the right matrix in `prepared`.
void swl_batch_matmul_prepare(swl_isa isa, const swl_batch_matmul_params *params, const void *right, int16_t *prepared);

/// Rows [begin, end). 8 bits: exact 32-bit sums, at most 2^15 products, rounded twice. 16 bits: exact 64-bit sums,
/// rounded as swl_multiply_wide does.
void swl_batch_matmul(swl_isa isa, const swl_batch_matmul_params *params, const void *left, const int16_t *prepared,
                      void *output, size_t begin, size_t end);

#endif
