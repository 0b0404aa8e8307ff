#include "gather_index.h"
#include "q8_internal.h"
#include "swl_gather.h"

void swl_gather_scaled_rows(const swl_gather_params *params, const void *source, size_t bits, const float *scales,
                            size_t scale_count, const void *indices, float *output) {
  const swl_q8_layer numbers = {.weight_bits = (uint8_t)bits};
  for (size_t i = 0; i < params->indices; i++, output += params->row_bytes) {
    const int64_t index = load_index(indices, i, params->index_bytes);
    const bool is_inside = index >= 0 && (uint64_t)index < params->rows;
    const size_t row = is_inside ? (size_t)index : 0;
    const float scale = is_inside ? scales[scale_count == 1 ? 0 : row] : 0;
    for (size_t k = 0; k < params->row_bytes; k++)
      output[k] = is_inside ? (float)swl_q8_weight(&numbers, source, row * params->row_bytes + k) * scale : 0;
  }
}
