#if defined(__x86_64__)
#define TARGET __attribute__((target("ssse3,sse4.1")))
#define VNNI 0
#define WIDE 1
#define SHORT 0
#define HOLD_COLUMNS 0
#include "q8_x86.h"

#define vector __m128i
#include "q8_depthwise_128.h"

const swl_q8_depthwise swl_q16_depthwise__sse41 = {
    .taps = TAPS,
    .chunk = 16,
    .least_chunk = 16,
    .run_chunk = run_chunk,
};
#endif
