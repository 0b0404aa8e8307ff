// Rows of a depthwise convolution in chunks of 64 and 32 bytes. The file that includes this defines OPERATIONS,
// which makes the operations of q8_depthwise_body.h at one width from the prefix of Intel's names.
#define OF512(operation) _mm512_##operation
#define OF256(operation) _mm256_##operation
OPERATIONS(512, 64, __m512i, OF512)
OPERATIONS(256, 32, __m256i, OF256)

#define NAME(name) name##_512
#define LANES 16
#define vector __m512i
#include "q8_depthwise_body.h"
#undef NAME
#undef LANES
#undef vector

#define NAME(name) name##_256
#define LANES 8
#define vector __m256i
#include "q8_depthwise_body.h"
#undef NAME
#undef LANES
#undef vector

static void run_chunk(const swl_q8_depthwise_row *r, const uint8_t *packed, size_t channel, size_t chunk) {
  if (chunk == 64)
    run_chunk_512(r, packed, channel);
  else
    run_chunk_256(r, packed, channel);
}
