#include "gather_index.h"
#include "swl_gather.h"

void swl_gather_rows(const swl_gather_params *params, const void *source, const void *indices, void *output) {
  const size_t row_bytes = params->row_bytes;
  const unsigned char *from = source, *positions = indices;
  unsigned char *to = output;
  for (size_t batch = 0; batch < params->batches; batch++) {
    for (size_t outer = 0; outer < params->outer; outer++) {
      for (size_t i = 0; i < params->indices; i++, to += row_bytes) {
        int64_t row = load_index(positions, i, params->index_bytes);
        if (row >= 0 && (uint64_t)row < params->rows)
          memcpy(to, from + (size_t)row * row_bytes, row_bytes);
        else
          memset(to, 0, row_bytes);
      }
      from += params->rows * row_bytes;
    }
    positions += params->indices * params->index_bytes;
  }
}
