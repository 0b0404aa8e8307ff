#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define VNNI 0
#define WITH_256_BITS
#include "q8_gemm_256.h"

const swl_q8_gemm swl_q8_gemm__avx2 = {.lanes = LANES, .row_limit = ROWS, .step = 4, .wide = true, .tile = run_tile};
#endif
