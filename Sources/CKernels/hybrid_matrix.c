// Packed: the sums and scales of the rows, then their weights as lstm_gemv.h has them. Scratch: the quantized vector,
// what sums start at, and sums.
#include "lstm_gemv.h"
#include "q8_internal.h"
#include "swl_hybrid.h"

static size_t padded_rows(size_t rows) { return lstm_blocks(rows) * 16; }
static size_t padded_depth(size_t depth) { return swl_q8_align(lstm_groups(depth) * 4); }

size_t swl_hybrid_matrix_packed_bytes(size_t rows, size_t depth) {
  const size_t each = 2 * sizeof(int32_t) + lstm_groups(depth) * 4;
  return swl_q8_align(swl_q8_product(padded_rows(rows), each));
}

size_t swl_hybrid_matrix_scratch_bytes(size_t rows, size_t depth) {
  return swl_q8_align(swl_q8_sum(padded_depth(depth), 2 * sizeof(int32_t) * padded_rows(rows)));
}

void swl_hybrid_matrix_pack(size_t rows, size_t depth, size_t first, size_t count, const void *weights, float scale,
                            void *packed) {
  int32_t *sums = packed;
  float *scales = (float *)(void *)(sums + padded_rows(rows));
  lstm_gemv_pack(weights, first, count, depth, (int8_t *)(scales + padded_rows(rows)));
  for (size_t r = 0; r < count; r++) {
    uint32_t sum = 0;
    for (size_t k = 0; k < depth; k++)
      sum += (uint32_t)(int32_t)((const int8_t *)weights)[r * depth + k];
    sums[first + r] = (int32_t)sum;
    scales[first + r] = scale;
  }
}

void swl_hybrid_matrix_add(swl_isa isa, swl_hybrid_rule rule, size_t rows, size_t depth, const void *packed,
                           const float *vector, float *result, void *scratch) {
#pragma STDC FP_CONTRACT OFF
  const size_t padded = padded_rows(rows), groups = lstm_groups(depth);
  const int32_t *weight_sums = packed;
  const float *scales = (const float *)(const void *)(weight_sums + padded);
  int8_t *quantized = scratch;
  int32_t *starts = (int32_t *)(void *)(quantized + padded_depth(depth)), *sums = starts + padded;
  const swl_hybrid_group group = swl_hybrid_quantize_row(isa, rule, vector, depth, quantized);
  memset(quantized + depth, 0, groups * 4 - depth);
  const uint32_t zero = (uint32_t)(group.zero + lstm_gemv_offset(isa));
  for (size_t r = 0; r < padded; r++)
    starts[r] = (int32_t)(0u - zero * (uint32_t)weight_sums[r]);
  lstm_gemv_for(isa)((const int8_t *)(scales + padded), starts, quantized, groups, padded / 16, sums);
  for (size_t r = 0; r < rows; r++)
    result[r] = result[r] + (float)sums[r] * (group.scale * scales[r]);
}
