// The depthwise body on 256 bits, with 128 for few last channels.
#define NAME(name) name##_256
#define LANES 8
#define vector __m256i
#include "q8_depthwise_body.h"
#undef NAME
#undef LANES
#undef vector
#define vector __m128i
#include "q8_depthwise_128.h"

static void run_chunk(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel, size_t chunk) {
  if (chunk == 32)
    run_chunk_256(r, packed, channel);
  else
    run_chunk_128(r, packed, channel);
}
