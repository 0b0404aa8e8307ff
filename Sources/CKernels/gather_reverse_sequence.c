#include "gather_index.h"
#include "swl_gather.h"

/// The step that takes the place of step `step` in a sequence whose first `length` steps are reversed.
static size_t mirrored(size_t step, int64_t length) {
  return length > 0 && step < (uint64_t)length ? (size_t)length - 1 - step : step;
}

void swl_gather_reverse_sequence(const swl_reverse_sequence_params *params, const void *source, const void *lengths,
                                 void *output) {
  const swl_reverse_sequence_params *p = params;
  const size_t upper = p->batch_is_outer ? p->batches : p->steps, lower = p->batch_is_outer ? p->steps : p->batches;
  const size_t lower_stride = p->row_bytes, between_stride = lower * lower_stride;
  const size_t upper_stride = p->between * between_stride;
  for (size_t position = 0; position < p->outer * upper * p->between * lower; position++) {
    const size_t l = position % lower, rest = position / lower;
    const size_t b = rest % p->between, u = rest / p->between % upper, o = rest / p->between / upper;
    const size_t step = p->batch_is_outer ? l : u, batch = p->batch_is_outer ? u : l;
    int64_t length = load_index(lengths, batch, p->length_bytes);
    if (length > (int64_t)p->steps)
      length = (int64_t)p->steps;
    const size_t from = mirrored(step, length);
    const size_t offset = o * upper * upper_stride + b * between_stride;
    const size_t shift =
        p->batch_is_outer ? u * upper_stride + from * lower_stride : from * upper_stride + l * lower_stride;
    memcpy((unsigned char *)output + position * p->row_bytes, (const unsigned char *)source + offset + shift,
           p->row_bytes);
  }
}
