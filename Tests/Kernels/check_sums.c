#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The fixed-point form of a number in (0, 1).
static swl_multiplier multiplier_of(double value) {
  int exponent;
  const double fraction = frexp(value, &exponent);
  const int64_t bits = llround(fraction * 2147483648.0);
  return bits < 2147483648 ? (swl_multiplier){(int32_t)bits, exponent} : (swl_multiplier){1 << 30, exponent + 1};
}

/// ADD and SUB as models on int16 have them: the operand of the larger scale is halved.
static swl_quantized_add_params random_sum(random_source *source) {
  const double smaller = (1 + between(source, 0, 1 << 20)) / (double)(1 << 21);
  const bool is_first = between(source, 0, 1) == 1;
  swl_quantized_add_params params = {0};
  params.left_shift = 15;
  params.a = multiplier_of(is_first ? 0.5 : smaller);
  params.b = multiplier_of(is_first && between(source, 0, 4) ? smaller : 0.5);
  params.output = multiplier_of((1 + between(source, 0, 1 << 16)) / (double)(1 << 16) / (1 << 14));
  params.subtract = between(source, 0, 3) == 0;
  params.minimum = between(source, 0, 1) ? 0 : -32768;
  params.maximum = 32767;
  return params;
}

int check_sums(random_source *source, int rows, uint64_t *digest) {
  enum { LENGTH = 200 };
  static const int16_t ends[] = {-32768, -32767, -1, 0, 1, 32766, 32767};
  int failures = 0;
  for (int i = 0; i < rows; i++) {
    const swl_quantized_add_params params = random_sum(source);
    const size_t count = (size_t)between(source, 1, LENGTH), dimensions[] = {count, count};
    const swl_broadcast shape = swl_broadcast_make(1, 2, dimensions);
    int16_t a[LENGTH], b[LENGTH], expected[LENGTH], output[LENGTH];
    fill_bytes(source, a, sizeof a);
    fill_bytes(source, b, sizeof b);
    for (size_t n = 0; n < 7; n++) {
      a[n] = ends[n];
      b[n] = ends[between(source, 0, 6)];
    }
    swl_quantized_add(SWL_I16, &shape, &params, a, b, expected, 0, swl_broadcast_items(&shape));
    for (int isa = 0; isa < SWL_ISA_COUNT; isa++) {
      if (!swl_isa_runnable((swl_isa)isa))
        continue;
      swl_i16_sum((swl_isa)isa, &shape, &params, a, b, output, 0, swl_broadcast_items(&shape));
      if (memcmp(expected, output, count * sizeof *output) != 0) {
        printf("sum of int16 on %s differs from the general one\n", swl_isa_name((swl_isa)isa));
        failures++;
      }
    }
    digest_bytes(digest, expected, count * sizeof *expected);
  }
  return failures;
}
