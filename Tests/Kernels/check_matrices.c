#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t element(const void *elements, bool is_wide, size_t index) {
  return is_wide ? ((const int16_t *)elements)[index] : ((const int8_t *)elements)[index];
}

/// One element of the product, by its definition.
static int32_t product(const swl_batch_matmul_params *p, const void *left, const void *right, size_t row,
                       size_t column) {
  int64_t sum = 0;
  for (size_t k = 0; k < p->depth; k++) {
    const size_t from = p->left_is_transposed ? k * p->rows + row : row * p->depth + k;
    const size_t with = p->right_is_transposed ? column * p->depth + k : k * p->columns + column;
    sum += (int64_t)(element(left, p->left_is_wide, from) - p->left_zero_point) *
           (element(right, p->right_is_wide, with) - p->right_zero_point);
  }
  if (p->left_is_wide)
    return swl_clamp_i32(swl_multiply_wide(sum, p->multiplier), INT16_MIN, INT16_MAX);
  const int32_t scaled = swl_multiply_double_rounding((int32_t)sum, p->multiplier);
  return swl_clamp_i32(swl_add_offset(scaled, p->output_zero_point), INT8_MIN, INT8_MAX);
}

/// The smallest numbers: their products are the largest.
static void fill_smallest(uint8_t *elements, size_t bytes, bool is_wide) {
  for (size_t i = 0; i < bytes; i++)
    elements[i] = is_wide && i % 2 == 0 ? 0 : 0x80;
}

/// Sizes around those of tiles and blocks, now and then of nothing.
static swl_batch_matmul_params random_params(random_source *source) {
  const bool is_deep = between(source, 0, 19) == 0, is_wide = between(source, 0, 19) == 0;
  swl_batch_matmul_params p = {0};
  p.rows = (size_t)between(source, 0, 14);
  p.depth = (size_t)between(source, 0, is_deep ? 600 : 70);
  p.columns = (size_t)between(source, 0, is_wide ? 300 : 70);
  p.left_is_transposed = between(source, 0, 1);
  p.right_is_transposed = between(source, 0, 1);
  p.left_is_wide = between(source, 0, 1);
  p.right_is_wide = p.left_is_wide && between(source, 0, 1);
  if (!p.left_is_wide) {
    p.left_zero_point = between(source, -128, 127);
    p.right_zero_point = between(source, -128, 127);
    p.output_zero_point = between(source, -128, 127);
  }
  p.multiplier.multiplier = between(source, 0, 30) == 0 ? 0 : between(source, 1 << 30, INT32_MAX);
  p.multiplier.shift = between(source, 0, 4) == 0 ? between(source, -31, p.left_is_wide ? 7 : 4)
                                                  : between(source, p.left_is_wide ? -20 : -12, -6);
  return p;
}

int check_matrices(random_source *source, int rounds, uint64_t *digest) {
  int failures = 0;
  for (int i = 0; i < rounds; i++) {
    const swl_batch_matmul_params p = random_params(source);
    const size_t size = p.left_is_wide ? 2 : 1, count = p.rows * p.columns;
    const size_t left_bytes = p.rows * p.depth * size, right_bytes = p.depth * p.columns * (p.right_is_wide ? 2 : 1);
    void *left = memory(left_bytes), *right = memory(right_bytes);
    uint8_t *expected = memory(count * size), *output = memory(count * size);
    fill_bytes(source, left, left_bytes);
    fill_bytes(source, right, right_bytes);
    if (between(source, 0, 9) == 0) {
      fill_smallest(left, left_bytes, p.left_is_wide);
      fill_smallest(right, right_bytes, p.right_is_wide);
    }
    const size_t middle = (size_t)between(source, 0, (int32_t)p.rows);
    for (size_t n = 0; n < count; n++) {
      const int16_t value = (int16_t)product(&p, left, right, n / p.columns, n % p.columns);
      if (p.left_is_wide)
        memcpy(expected + 2 * n, &value, 2);
      else
        expected[n] = (uint8_t)value;
    }
    for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
      if (!swl_isa_runnable((swl_isa)isa))
        continue;
      int16_t *prepared = memory(swl_batch_matmul_prepared_bytes((swl_isa)isa, &p));
      memset(output, 0x55, count * size);
      swl_batch_matmul_prepare((swl_isa)isa, &p, right, prepared);
      swl_batch_matmul((swl_isa)isa, &p, left, prepared, output, middle, p.rows);
      swl_batch_matmul((swl_isa)isa, &p, left, prepared, output, 0, middle);
      if (memcmp(expected, output, count * size) != 0) {
        printf("product of matrices (%zu, %zu) and (%zu, %zu) on %s is wrong\n", p.rows, p.depth, p.depth, p.columns,
               swl_isa_name((swl_isa)isa));
        failures++;
      }
      free(prepared);
    }
    digest_bytes(digest, expected, count * size);
    free(left);
    free(right);
    free(expected);
    free(output);
  }
  return failures;
}
