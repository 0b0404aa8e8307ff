#if defined(__aarch64__)
#define UNSIGNED 0
#include "q8_gemm_i8mm.h"

const swl_q8_gemm swl_q8_gemm__i8mm = {
    .lanes = LANES,
    .row_limit = 2 * PAIRS,
    .row_step = 2,
    .step = 8,
    .wide = false,
    .unsigned_activations = false,
    .tile = run_tile,
    .row_sums = swl_q8_row_sums__dotprod,
};
#endif
