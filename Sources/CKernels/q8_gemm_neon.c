#if defined(__ARM_NEON)
#define TARGET
#define DOT 0
#include "q8_gemm_neon.h"

const swl_q8_gemm swl_q8_gemm__neon = {
    .lanes = LANES, .row_limit = ROWS, .step = 4, .wide = true, .planar = true, .tile = run_tile};
#endif
