#include "isa_variants.h"
#include "swl_batch_matmul.h"
#include <string.h>

#define ISA_BODY "batch_matmul_variant.inc"
#include "isa_variants.inc"

/// Columns whose sums live on the stack at a time.
enum { BLOCK = 256 };

void swl_transpose(const void *input, void *output, size_t rows, size_t columns, size_t element_bytes) {
  const unsigned char *from = input;
  unsigned char *to = output;
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++)
      memcpy(to + (c * rows + r) * element_bytes, from + (r * columns + c) * element_bytes, element_bytes);
}

#define PREPARE(prefix, type)                                                                                          \
  void swl_##prefix##_batch_matmul_prepare(const swl_batch_matmul_params *p, const type *right, int16_t *prepared) {   \
    for (size_t k = 0; k < p->depth; k++)                                                                              \
      for (size_t n = 0; n < p->columns; n++) {                                                                        \
        const type value = p->right_is_transposed ? right[n * p->depth + k] : right[k * p->columns + n];               \
        prepared[k * p->columns + n] = (int16_t)(value - p->right_zero_point);                                         \
      }                                                                                                                \
  }
PREPARE(i8, int8_t)
PREPARE(i16, int16_t)

#define MATMUL(prefix, type, sum, scale, low, high)                                                                    \
  void swl_##prefix##_batch_matmul(swl_isa isa, const swl_batch_matmul_params *p, const type *left,                    \
                                   const int16_t *prepared, type *output, size_t begin, size_t end) {                  \
    typedef void (*function)(const type *, size_t, int32_t, const int16_t *, size_t, size_t, size_t, sum *);           \
    static const function variants[VARIANT_COUNT] = ISA_VARIANTS(prefix##_row);                                        \
    const function add_row = variants[isa_variant_for(isa)];                                                           \
    const size_t row_step = p->left_is_transposed ? 1 : p->depth, stride = p->left_is_transposed ? p->rows : 1;        \
    for (size_t row = begin; row < end; row++)                                                                         \
      for (size_t first = 0; first < p->columns; first += BLOCK) {                                                     \
        const size_t count = p->columns - first < BLOCK ? p->columns - first : BLOCK;                                  \
        sum sums[BLOCK];                                                                                               \
        add_row(left + row * row_step, stride, p->left_zero_point, prepared + first, p->depth, p->columns, count,      \
                sums);                                                                                                 \
        for (size_t n = 0; n < count; n++) {                                                                           \
          const int64_t value = (int64_t)scale(sums[n], p->multiplier) + p->output_zero_point;                         \
          output[row * p->columns + first + n] = (type)swl_clamp_i32(swl_saturate_i32(value), low, high);              \
        }                                                                                                              \
      }                                                                                                                \
  }
MATMUL(i8, int8_t, int32_t, swl_multiply_double_rounding, INT8_MIN, INT8_MAX)
MATMUL(i16, int16_t, int64_t, swl_multiply_wide, INT16_MIN, INT16_MAX)
