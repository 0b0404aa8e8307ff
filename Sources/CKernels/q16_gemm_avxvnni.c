#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma,avxvnni")))
#define VNNI 1
#define WITH_256_BITS
#define WIDE 1
#include "q8_gemm_256.h"

const swl_q8_gemm swl_q16_gemm__avxvnni = {.lanes = LANES,
                                           .row_limit = ROWS,
                                           .step = 4,
                                           .wide = true,
                                           .wide_output = true,
                                           .short_scales = true,
                                           .tile = run_tile};
#endif
