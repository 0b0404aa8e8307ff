// AVX512-VNNI for eight output channels to a panel: where the last panel of sixteen would be half empty.
#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define VNNI 1
#define DPBUSD(prefix) prefix##_dpbusd_epi32
#define WITH_256_BITS
#define ROWS 12
#define EACH_LOW_ROW_COUNT(M, P) M(1, P) M(2, P) M(3, P) M(4, P) M(6, P)
#define EACH_ROW_COUNT(M, P) EACH_LOW_ROW_COUNT(M, P) M(8, P) M(9, P) M(10, P) M(11, P) M(12, P)
#define ROW_COUNTS 0x1F5E
#include "q8_gemm_256.h"

const swl_q8_gemm swl_q8_gemm_8__avx512vnni = {
    .lanes = LANES,
    .row_limit = ROWS,
    .row_counts = ROW_COUNTS,
    .step = 4,
    .wide = false,
    .unsigned_activations = true,
    .tile = run_tile,
    .row_sums = swl_q8_row_sums__avx512vnni,
};
#endif
