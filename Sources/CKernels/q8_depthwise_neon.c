#if defined(__ARM_NEON)
#define TARGET
#define DOT 0
#define WIDE 0
#define WHOLE_TAPS 1
#if defined(__aarch64__)
#define HOLD_COLUMNS 1
#else
#define HOLD_COLUMNS 0
#endif
#include "q8_neon.h"

#define vector int32x4_t
#include "q8_depthwise_128.h"

const swl_q8_depthwise swl_q8_depthwise__neon = {
    .taps = TAPS,
    .unsigned_activations = true,
    .planar = 16,
    .chunk = 16,
    .least_chunk = 16,
    .run_chunk = run_chunk,
};
#endif
