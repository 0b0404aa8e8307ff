// How the gather kernels find the row that a tuple of indices addresses.
#ifndef GATHER_TUPLE_H
#define GATHER_TUPLE_H

#include "gather_index.h"
#include "swl_gather.h"
#include <stdbool.h>

// The row that tuple `position` addresses; false when an index is outside its dimension.
static inline bool find_row(const swl_gather_nd_params *params, const unsigned char *indices, size_t position,
                            size_t *row) {
  size_t result = 0;
  for (size_t i = 0; i < params->depth; i++) {
    int64_t index = load_index(indices, position * params->depth + i, params->index_bytes);
    if (index < 0 || (uint64_t)index >= params->dimensions[i])
      return false;
    result = result * params->dimensions[i] + (size_t)index;
  }
  *row = result;
  return true;
}

#endif
