#include "gather_tuple.h"

// Sums of unsigned numbers wrap around.
#define DEFINE_ADD(NAME, TYPE)                                                                                         \
  static void NAME(const unsigned char *from, unsigned char *to, size_t bytes) {                                       \
    for (size_t i = 0; i < bytes; i += sizeof(TYPE)) {                                                                 \
      TYPE sum, value;                                                                                                 \
      memcpy(&sum, to + i, sizeof sum);                                                                                \
      memcpy(&value, from + i, sizeof value);                                                                          \
      sum = (TYPE)(sum + value);                                                                                       \
      memcpy(to + i, &sum, sizeof sum);                                                                                \
    }                                                                                                                  \
  }

DEFINE_ADD(add_f32, float)
DEFINE_ADD(add_8, uint8_t)
DEFINE_ADD(add_16, uint16_t)
DEFINE_ADD(add_32, uint32_t)
DEFINE_ADD(add_64, uint64_t)

static void add_bool(const unsigned char *from, unsigned char *to, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    to[i] = to[i] | from[i];
}

void swl_scatter_add_nd(const swl_gather_nd_params *params, swl_element type, bool is_bool, const void *indices,
                        const void *updates, void *output) {
  static void (*const variants[])(const unsigned char *, unsigned char *, size_t) = {
      [SWL_ELEMENT_F32] = add_f32, [SWL_ELEMENT_I8] = add_8,   [SWL_ELEMENT_U8] = add_8,
      [SWL_ELEMENT_I16] = add_16,  [SWL_ELEMENT_I32] = add_32, [SWL_ELEMENT_I64] = add_64,
  };
  const size_t row_bytes = params->row_bytes;
  for (size_t i = 0; i < params->tuples; i++) {
    size_t row;
    if (find_row(params, indices, i, &row))
      (is_bool ? add_bool : variants[type])((const unsigned char *)updates + i * row_bytes,
                                            (unsigned char *)output + row * row_bytes, row_bytes);
  }
}

void swl_scatter_one_hot(const void *indices, size_t index_bytes, size_t outer, size_t depth, size_t inner,
                         const void *on, size_t element_bytes, void *output) {
  for (size_t i = 0; i < outer * inner; i++) {
    const int64_t index = load_index(indices, i, index_bytes);
    if (index < 0 || (uint64_t)index >= depth)
      continue;
    const size_t position = (i / inner * depth + (size_t)index) * inner + i % inner;
    memcpy((unsigned char *)output + position * element_bytes, on, element_bytes);
  }
}

void swl_scatter_values(const swl_gather_nd_params *params, const void *indices, const void *values,
                        size_t value_stride, void *output) {
  for (size_t i = 0; i < params->tuples; i++) {
    size_t row;
    if (find_row(params, indices, i, &row))
      memcpy((unsigned char *)output + row * params->row_bytes, (const unsigned char *)values + i * value_stride,
             params->row_bytes);
  }
}
