#include "gather_index.h"
#include "swl_gather.h"
#include <stdbool.h>

// The row that tuple `position` addresses; false when an index is outside its dimension.
static bool find_row(const swl_gather_nd_params *params, const unsigned char *indices, size_t position, size_t *row) {
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

void swl_gather_nd(const swl_gather_nd_params *params, const void *source, const void *indices, void *output) {
  const size_t row_bytes = params->row_bytes;
  unsigned char *to = output;
  for (size_t i = 0; i < params->tuples; i++, to += row_bytes) {
    size_t row;
    if (find_row(params, indices, i, &row))
      memcpy(to, (const unsigned char *)source + row * row_bytes, row_bytes);
    else
      memset(to, 0, row_bytes);
  }
}
