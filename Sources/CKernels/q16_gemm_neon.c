#if defined(__ARM_NEON)
#define TARGET
#define DOT 0
#define WIDE 1
#include "q8_gemm_neon.h"

const swl_q8_gemm swl_q16_gemm__neon = {.lanes = LANES,
                                        .row_limit = ROWS,
                                        .step = 4,
                                        .wide = true,
                                        .wide_output = true,
                                        .short_scales = true,
                                        .planar = true,
                                        .tile = run_tile};
#endif
