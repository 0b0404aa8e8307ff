#include "swl_elementwise.h"
#include <string.h>

#define SELECT_LOOP(T)                                                                                                 \
  do {                                                                                                                 \
    const T *x = (const T *)a, *y = (const T *)b;                                                                      \
    T *o = (T *)output;                                                                                                \
    _Pragma("clang loop vectorize(assume_safety)") for (size_t i = 0; i < count; i++) {                                \
      const T from_a = x[i * a_stride], from_b = y[i * b_stride];                                                      \
      o[i] = condition[i * condition_stride] ? from_a : from_b;                                                        \
    }                                                                                                                  \
  } while (0)

static void select_row(size_t element_bytes, const uint8_t *condition, size_t condition_stride, const unsigned char *a,
                       size_t a_stride, const unsigned char *b, size_t b_stride, unsigned char *output, size_t count) {
  switch (element_bytes) {
  case 1:
    SELECT_LOOP(uint8_t);
    break;
  case 2:
    SELECT_LOOP(uint16_t);
    break;
  case 4:
    SELECT_LOOP(uint32_t);
    break;
  default:
    SELECT_LOOP(uint64_t);
  }
}

static void select_walk(size_t element_bytes, const swl_broadcast *shape, size_t dimension, const uint8_t *condition,
                        const unsigned char *a, const unsigned char *b, unsigned char *output, size_t begin,
                        size_t end) {
  const size_t steps[3] = {shape->strides[0][dimension], shape->strides[1][dimension] * element_bytes,
                           shape->strides[2][dimension] * element_bytes};
  size_t output_step = element_bytes;
  for (size_t d = 0; d < dimension; d++)
    output_step *= shape->counts[d];
  condition += begin * steps[0];
  a += begin * steps[1];
  b += begin * steps[2];
  output += begin * output_step;
  if (dimension == 0) {
    select_row(element_bytes, condition, shape->strides[0][0], a, shape->strides[1][0], b, shape->strides[2][0], output,
               end - begin);
    return;
  }
  for (size_t i = begin; i < end; i++) {
    select_walk(element_bytes, shape, dimension - 1, condition, a, b, output, 0, shape->counts[dimension - 1]);
    condition += steps[0];
    a += steps[1];
    b += steps[2];
    output += output_step;
  }
}

void swl_select(size_t element_bytes, const swl_broadcast *shape, const uint8_t *condition, const void *a,
                const void *b, void *output, size_t begin, size_t end) {
  for (size_t d = 0; d < shape->rank; d++)
    if (shape->counts[d] == 0)
      return;
  select_walk(element_bytes, shape, shape->rank - 1, condition, a, b, output, begin, end);
}
