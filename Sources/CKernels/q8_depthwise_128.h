// The depthwise body on 128 bits; `vector` is the including file's.
#define NAME(name) name##_128
#define LANES 4
#include "q8_depthwise_body.h"
#undef NAME
#undef LANES

#ifndef WITH_256_BITS
static void run_chunk(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel, size_t chunk) {
  (void)chunk;
  run_chunk_128(r, packed, channel);
}
#endif
