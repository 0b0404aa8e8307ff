#include "gather_index.h"
#include "swl_gather.h"

#define ADD(a, b) ((a) + (b))
#define MULTIPLY(a, b) ((a) * (b))
#define LARGER(a, b) ((a) < (b) ? (b) : (a))
#define SMALLER(a, b) ((b) < (a) ? (b) : (a))

#define DEFINE_COMBINE(NAME, TYPE, COMBINE)                                                                            \
  static void NAME(const unsigned char *from, unsigned char *to, size_t bytes) {                                       \
    for (size_t i = 0; i < bytes; i += sizeof(TYPE)) {                                                                 \
      TYPE a, b;                                                                                                       \
      memcpy(&a, to + i, sizeof a);                                                                                    \
      memcpy(&b, from + i, sizeof b);                                                                                  \
      a = COMBINE(a, b);                                                                                               \
      memcpy(to + i, &a, sizeof a);                                                                                    \
    }                                                                                                                  \
  }

DEFINE_COMBINE(f32_add, float, ADD)
DEFINE_COMBINE(f32_multiply, float, MULTIPLY)
DEFINE_COMBINE(f32_larger, float, LARGER)
DEFINE_COMBINE(f32_smaller, float, SMALLER)
DEFINE_COMBINE(i32_add, uint32_t, ADD)
DEFINE_COMBINE(i32_multiply, uint32_t, MULTIPLY)
DEFINE_COMBINE(i32_larger, int32_t, LARGER)
DEFINE_COMBINE(i32_smaller, int32_t, SMALLER)

void swl_gather_segments(swl_segment_op op, bool is_integer, const void *source, const void *ids, size_t id_bytes,
                         size_t rows, size_t row_bytes, size_t segments, void *output) {
  static void (*const combinations[][2])(const unsigned char *, unsigned char *,
                                         size_t) = {[SWL_SEGMENT_SUM] = {f32_add, i32_add},
                                                    [SWL_SEGMENT_PRODUCT] = {f32_multiply, i32_multiply},
                                                    [SWL_SEGMENT_MAXIMUM] = {f32_larger, i32_larger},
                                                    [SWL_SEGMENT_MINIMUM] = {f32_smaller, i32_smaller}};
  for (size_t row = 0; row < rows; row++) {
    const int64_t id = load_index(ids, row, id_bytes);
    if (id >= 0 && (uint64_t)id < segments)
      combinations[op][is_integer]((const unsigned char *)source + row * row_bytes,
                                   (unsigned char *)output + (size_t)id * row_bytes, row_bytes);
  }
}
