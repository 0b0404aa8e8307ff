#if defined(__aarch64__)
#define TARGET __attribute__((target("dotprod")))
#define DOT 1
#include "q8_gemm_neon.h"

TARGET void swl_q8_row_sums__dotprod(const swl_q8_tile *t, size_t segment_bytes, int32_t *sums) {
  for (size_t r = 0; r < t->row_count; r++) {
    uint32_t sum = 0;
    for (size_t s = 0; s < t->segment_count; s++)
      sum += sum_of_bytes(t->rows[r] + t->segments[s], segment_bytes, t->activation_flip ^ 0x80);
    sums[r] = (int32_t)(sum - 128 * (uint32_t)(t->segment_count * segment_bytes)); // a signed byte is 128 less
  }
}

const swl_q8_gemm swl_q8_gemm__dotprod = {
    .lanes = LANES,
    .row_limit = ROWS,
    .step = 4,
    .wide = false,
    .unsigned_activations = false,
    .tile = run_tile,
    .row_sums = swl_q8_row_sums__dotprod,
};
#endif
