// The GEMM tiles of AMX, on uint8.
#if defined(__x86_64__)
#define MULTIPLY(sum, a, w) _tile_dpbusd(sum, a, w)
#define UNSIGNED 1
#include "q8_gemm_amx.h"

const swl_q8_gemm swl_q8_gemm_u8__amx = AMX_GEMM;
#endif
