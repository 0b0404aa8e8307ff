#if defined(__aarch64__)
#define TARGET __attribute__((target("dotprod")))
#define DOT 1
#define WIDE 0
#define HOLD_COLUMNS 1
#include "q8_neon.h"

#define vector int32x4_t
#include "q8_depthwise_128.h"

const swl_q8_depthwise swl_q8_depthwise__dotprod = {
    .taps = TAPS,
    .unsigned_activations = false,
    .planar = false,
    .chunk = 16,
    .least_chunk = 16,
    .run_chunk = run_chunk,
};
#endif
