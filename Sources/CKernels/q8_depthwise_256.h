// The depthwise body on 256 bits, with 128 for the rest of the channels.
#define NAME(name) name##_256
#define LANES 8
#define vector __m256i
#include "q8_depthwise_body.h"
#undef NAME
#undef LANES
#undef vector
#define vector __m128i
#include "q8_depthwise_128.h"

static void run_row(const swl_q8_depthwise_row *r) {
  const size_t lanes = swl_q8_depthwise_lanes(r, TAPS), whole = r->channels & ~(size_t)15;
  // The last channels come first: their stores may reach into the next pixels' first channels.
  if (whole < r->channels)
    last_chunk(r, r->packed + swl_q8_chunk_bytes(whole, lanes), whole);
  const uint8_t *packed = r->packed;
  for (size_t channel = 0; channel < whole;) {
    const size_t chunk = swl_q8_chunk(32, 16, whole - channel);
    if (chunk == 32)
      whole_chunk_256(r, packed, channel);
    else
      whole_chunk_128(r, packed, channel);
    packed += swl_q8_chunk_bytes(chunk, lanes);
    channel += chunk;
  }
}
