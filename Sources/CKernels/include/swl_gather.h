// Moving rows whose positions are data: gathering, scattering, searching.
//
// Indices are 2, 4 or 8 bytes wide, signed, and need no alignment. One outside its dimension never touches memory: a
// gathered row is zero then, a scattered one is dropped.
#ifndef SWL_GATHER_H
#define SWL_GATHER_H

#include "swl_element.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// output[batch][outer][i] = source[batch][outer][indices[batch][i]], in rows of `row_bytes`.
typedef struct swl_gather_params {
  size_t batches, outer, rows; // rows: the dimension that the indices address
  size_t indices;              // for each batch
  size_t index_bytes, row_bytes;
} swl_gather_params;

void swl_gather_rows(const swl_gather_params *params, const void *source, const void *indices, void *output);

/// `tuples` positions of `depth` indices each, into the first `depth` dimensions of the other operand.
typedef struct swl_gather_nd_params {
  size_t tuples, depth, index_bytes;
  size_t row_bytes; // bytes behind the indexed dimensions
  size_t dimensions[8];
} swl_gather_nd_params;

/// output[i] = source[indices[i]], in rows.
void swl_gather_nd(const swl_gather_nd_params *params, const void *source, const void *indices, void *output);

/// Adds row `i` of `updates` to output[indices[i]], whose rows have `row_bytes` bytes. Integers wrap around, bool is an
/// or.
void swl_scatter_add_nd(const swl_gather_nd_params *params, swl_element type, bool is_bool, const void *indices,
                        const void *updates, void *output);

/// output[outer][index][inner] = on, for the index at indices[outer][inner]; `depth` elements along the middle
/// dimension.
void swl_scatter_one_hot(const void *indices, size_t index_bytes, size_t outer, size_t depth, size_t inner,
                         const void *on, size_t element_bytes, void *output);

/// As swl_gather_rows, of rows of signed numbers of `bits` bits, 8, 4 or 2, that mean scale * q; those below 8 bits
/// stand several to a byte, the first in its low bits. `row_bytes` counts the numbers of a row; `scale_count` is 1 or
/// the number of rows.
void swl_gather_scaled_rows(const swl_gather_params *params, const void *source, size_t bits, const float *scales,
                            size_t scale_count, const void *indices, float *output);

/// output[o][i][n] = the sum of source[o][0...i][n], without element i itself when `is_exclusive`, from the end when
/// `is_reverse`. Integers wrap around. Types: F32, I32, I64.
void swl_cumulative_sum(swl_element type, const void *source, void *output, size_t outer, size_t count, size_t inner,
                        bool is_exclusive, bool is_reverse);

typedef enum swl_segment_op {
  SWL_SEGMENT_SUM,
  SWL_SEGMENT_PRODUCT,
  SWL_SEGMENT_MAXIMUM,
  SWL_SEGMENT_MINIMUM
} swl_segment_op;

/// Combines row `i` of `source` with row ids[i] of `output`, which the caller has filled with the neutral element.
/// Elements are float32, or int32 that wraps around.
void swl_gather_segments(swl_segment_op op, bool is_integer, const void *source, const void *ids, size_t id_bytes,
                         size_t rows, size_t row_bytes, size_t segments, void *output);

/// A tensor [outer, batches, between, steps, row], or with steps and batches exchanged unless `batch_is_outer`.
typedef struct swl_reverse_sequence_params {
  size_t outer, batches, between, steps;
  size_t row_bytes, length_bytes;
  bool batch_is_outer;
} swl_reverse_sequence_params;

/// Reverses the first lengths[batch] steps; a length beyond the steps means all of them, a negative one none.
void swl_gather_reverse_sequence(const swl_reverse_sequence_params *params, const void *source, const void *lengths,
                                 void *output);

/// output[indices[i]] = values[i], or values[0] for all when `value_stride` is 0; rows are single elements of
/// `row_bytes`.
void swl_scatter_values(const swl_gather_nd_params *params, const void *indices, const void *values,
                        size_t value_stride, void *output);

#endif
