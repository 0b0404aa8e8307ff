// The depthwise body on 128 bits.
#define NAME(name) name##_128
#define LANES 4
#define vector __m128i
#include "q8_depthwise_body.h"

TARGET static void last_chunk(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel) {
  chunk_128(r, packed, channel, false);
}
#undef NAME
#undef LANES
#undef vector
