#if defined(__x86_64__)
#define TARGET __attribute__((target("ssse3,sse4.1")))
#define VNNI 0
#define HOLD_COLUMNS 0
#include "q8_x86.h"

#include "q8_depthwise_128.h"

static void run_row(const swl_q8_depthwise_row *r) {
  const size_t lanes = swl_q8_depthwise_lanes(r, TAPS), whole = r->channels & ~(size_t)15;
  // The last channels come first: their stores may reach into the next pixels' first channels.
  if (whole < r->channels)
    last_chunk(r, r->packed + swl_q8_chunk_bytes(whole, lanes), whole);
  for (size_t channel = 0; channel < whole; channel += 16)
    whole_chunk_128(r, r->packed + swl_q8_chunk_bytes(channel, lanes), channel);
}

const swl_q8_depthwise swl_q8_depthwise__sse41 = {
    .taps = TAPS,
    .unsigned_activations = true,
    .chunk = 16,
    .least_chunk = 16,
    .row = run_row,
};
#endif
