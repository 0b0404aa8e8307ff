#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 50, DEPTH = 90, INPUT = 6 * 6 * 20, WEIGHTS = 3 * 3 * 20 * 20, OUTPUT = 14 * 14 * 20 };

/// What a row of floats should become, in double: the rule's definition.
static int8_t quantized(float x, swl_hybrid_rule rule, swl_hybrid_group group) {
  const double value = round((double)x / (double)group.scale) + group.zero;
  const double lowest = rule == SWL_HYBRID_SYMMETRIC ? -127 : -128;
  return (int8_t)(value < lowest ? lowest : value > 127 ? 127 : value);
}

static int check_row(random_source *source, uint64_t *digest) {
  float row[DEPTH];
  int8_t expected[DEPTH], found[DEPTH];
  const size_t count = (size_t)between(source, 1, DEPTH);
  const swl_hybrid_rule rule = between(source, 0, 1) ? SWL_HYBRID_SYMMETRIC : SWL_HYBRID_ASYMMETRIC;
  fill_floats(source, row, count);
  if (between(source, 0, 9) == 0)
    memset(row, 0, sizeof row);
  const swl_hybrid_group group = swl_hybrid_quantize_row(SWL_ISA_SCALAR, rule, row, count, expected);
  int failures = 0;
  for (size_t i = 0; i < count; i++)
    failures += abs(expected[i] - quantized(row[i], rule, group)) > 1;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    if (!swl_isa_runnable((swl_isa)isa))
      continue;
    const swl_hybrid_group other = swl_hybrid_quantize_row((swl_isa)isa, rule, row, count, found);
    failures += other.scale != group.scale || other.zero != group.zero || memcmp(expected, found, count) != 0;
  }
  if (failures > 0)
    printf("%zu numbers are quantized otherwise\n", count);
  digest_bytes(digest, expected, count);
  return failures;
}

static int check_matrix(random_source *source, uint64_t *digest) {
  const size_t rows = (size_t)between(source, 1, ROWS), depth = (size_t)between(source, 1, DEPTH);
  const size_t first = (size_t)between(source, 0, (int32_t)rows);
  const swl_hybrid_rule rule = between(source, 0, 1) ? SWL_HYBRID_SYMMETRIC : SWL_HYBRID_ASYMMETRIC;
  int8_t weights[ROWS * DEPTH];
  float vector[DEPTH], start[ROWS], expected[ROWS], found[ROWS];
  fill_bytes(source, weights, sizeof weights);
  fill_floats(source, vector, DEPTH);
  fill_floats(source, start, ROWS);
  int failures = 0;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    if (!swl_isa_runnable((swl_isa)isa))
      continue;
    const size_t packed_bytes = swl_hybrid_matrix_packed_bytes(rows, depth);
    void *packed = memory(packed_bytes), *scratch = memory(swl_hybrid_matrix_scratch_bytes(rows, depth));
    memset(packed, 0, packed_bytes);
    swl_hybrid_matrix_pack(rows, depth, 0, first, weights, 0.25f, packed);
    swl_hybrid_matrix_pack(rows, depth, first, rows - first, weights + first * depth, 0.01f, packed);
    float *result = isa == SWL_ISA_SCALAR ? expected : found;
    memcpy(result, start, sizeof start);
    swl_hybrid_matrix_add((swl_isa)isa, rule, rows, depth, packed, vector, result, scratch);
    if (memcmp(expected, result, rows * sizeof *result) != 0) {
      printf("hybrid matrix on %s differs from scalar: %zu x %zu\n", swl_isa_name((swl_isa)isa), rows, depth);
      failures++;
    }
    free(packed);
    free(scratch);
  }
  for (size_t r = 0; r < rows; r++) {
    double sum = start[r], bound = 0;
    for (size_t k = 0; k < depth; k++) {
      const double weight = weights[r * depth + k] * (r < first ? 0.25 : 0.01);
      sum += weight * vector[k];
      bound += fabs(weight) / 127;
    }
    failures += !(fabs(sum - expected[r]) <= bound + 1e-3);
  }
  digest_bytes(digest, expected, rows * sizeof *expected);
  return failures;
}

static int check_byte_transpose(random_source *source, uint64_t *digest) {
  swl_transpose_conv_params p = {0};
  p.in_height = (size_t)between(source, 1, 6);
  p.in_width = (size_t)between(source, 1, 6);
  p.in_channels = (size_t)between(source, 1, 20);
  p.out_channels = (size_t)between(source, 1, 20);
  p.kernel_height = p.kernel_width = (size_t)between(source, 1, 3);
  p.stride_height = p.stride_width = (size_t)between(source, 1, 2);
  p.out_height = (p.in_height - 1) * p.stride_height + p.kernel_height;
  p.out_width = (p.in_width - 1) * p.stride_width + p.kernel_width;
  int8_t weights[WEIGHTS], packed[WEIGHTS], input[INPUT];
  float scales[20], bias[20], expected[OUTPUT], found[OUTPUT];
  int32_t sums[OUTPUT];
  fill_bytes(source, weights, sizeof weights);
  fill_bytes(source, input, sizeof input);
  fill_floats(source, scales, 20);
  fill_floats(source, bias, 20);
  swl_hybrid_transpose_conv_pack(&p, weights, packed);
  const swl_hybrid_transpose_conv_scaling scaling = {scales, {0.01f, between(source, -128, 127)}, -1e30f, 4};
  const size_t half = p.out_height / 2, bytes = p.out_height * p.out_width * p.out_channels * sizeof(float);
  int failures = 0;
  for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
    if (!swl_isa_runnable((swl_isa)isa))
      continue;
    float *output = isa == SWL_ISA_SCALAR ? expected : found;
    swl_hybrid_transpose_conv((swl_isa)isa, &p, input, packed, bias, output, sums, 0, half, &scaling);
    swl_hybrid_transpose_conv((swl_isa)isa, &p, input, packed, bias, output, sums, half, p.out_height, &scaling);
    if (memcmp(expected, output, bytes) != 0) {
      printf("hybrid transposed convolution on %s differs from scalar\n", swl_isa_name((swl_isa)isa));
      failures++;
    }
  }
  digest_bytes(digest, expected, bytes);
  return failures;
}

int check_hybrid_rows(random_source *source, int rounds, uint64_t *digest) {
  int failures = 0;
  for (int i = 0; i < rounds; i++)
    failures += check_row(source, digest) + check_matrix(source, digest) + check_byte_transpose(source, digest);
  return failures;
}
