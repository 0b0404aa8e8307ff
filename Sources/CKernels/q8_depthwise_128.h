// The depthwise body on 128 bits; `vector` is the including file's.
#define NAME(name) name##_128
#define LANES 4
#include "q8_depthwise_body.h"

TARGET static void last_chunk(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel) {
  chunk_128(r, packed, channel, false);
}
#undef NAME
#undef LANES

#ifndef WITH_256_BITS
static void run_row(const swl_q8_depthwise_row *r) {
  const size_t lanes = swl_q8_depthwise_lanes(r, TAPS), whole = r->channels & ~(size_t)15;
  // The last channels come first: their stores may reach into the next pixels' first channels.
  if (whole < r->channels)
    last_chunk(r, r->packed + swl_q8_chunk_bytes(whole, lanes), whole);
  for (size_t channel = 0; channel < whole; channel += 16)
    whole_chunk_128(r, r->packed + swl_q8_chunk_bytes(channel, lanes), channel);
}
#endif
