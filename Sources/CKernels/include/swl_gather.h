// Moving rows whose positions are data: gathering, scattering, searching.
//
// Indices are 2, 4 or 8 bytes wide, signed, and need no alignment. One outside its dimension never touches memory: a
// gathered row is zero then, a scattered one is dropped.
#ifndef SWL_GATHER_H
#define SWL_GATHER_H

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

#endif
