#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define VNNI 0
#define WITH_256_BITS
#define WIDE 0
#define HOLD_COLUMNS 0
#include "q8_x86.h"

#include "q8_depthwise_256.h"
#include "q8_depthwise_few_256.h"

const swl_q8_depthwise swl_q8_depthwise__avx2 = {
    .taps = TAPS,
    .unsigned_activations = true,
    .chunk = 32,
    .least_chunk = 16,
    .run_chunk = run_chunk,
    .run_few = run_few,
};
#endif
