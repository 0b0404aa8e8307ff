#if defined(__ARM_NEON)
#define TARGET
#define DOT 0
#define WIDE 1
#define SHORT 1
#define HOLD_COLUMNS 0
#include "q8_neon.h"

#define vector int32x4_t
#include "q8_depthwise_128.h"

const swl_q8_depthwise swl_q16_depthwise__neon = {
    .taps = TAPS,
    .short_scales = true,
    .planar = 4,
    .chunk = 16,
    .least_chunk = 16,
    .run_chunk = run_chunk,
};
#endif
