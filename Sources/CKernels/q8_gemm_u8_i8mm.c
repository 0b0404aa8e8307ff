// Unsigned activations by signed weights.
#if defined(__aarch64__)
#define UNSIGNED 1
#include "q8_gemm_i8mm.h"

TARGET static void row_sums(const swl_q8_tile *t, size_t segment_bytes, int32_t *sums) {
  for (size_t r = 0; r < t->row_count; r++) {
    uint32_t sum = 0;
    for (size_t s = 0; s < t->segment_count; s++)
      sum += sum_of_bytes(t->rows[r] + t->segments[s], segment_bytes, t->activation_flip);
    sums[r] = (int32_t)sum;
  }
}

const swl_q8_gemm swl_q8_gemm_u8__i8mm = {
    .lanes = LANES,
    .row_limit = 2 * PAIRS,
    .row_step = 2,
    .step = 8,
    .wide = false,
    .unsigned_activations = true,
    .tile = run_tile,
    .row_sums = row_sums,
};
#endif
