// The GEMM tiles of AMX, on int8.
#if defined(__x86_64__)
#define MULTIPLY(sum, a, w) _tile_dpbssd(sum, a, w)
#define UNSIGNED 0
#include "q8_gemm_amx.h"

const swl_q8_gemm swl_q8_gemm__amx = AMX_GEMM;
#endif
