#include "gather_tuple.h"

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
