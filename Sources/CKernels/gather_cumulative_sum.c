#include "swl_gather.h"
#include <string.h>

#define DEFINE_SUM(NAME, TYPE)                                                                                         \
  static void NAME(const unsigned char *from, unsigned char *to, size_t count, ptrdiff_t step, bool is_exclusive) {    \
    TYPE sum = 0, value;                                                                                               \
    for (size_t i = 0; i < count; i++, from += step, to += step) {                                                     \
      memcpy(&value, from, sizeof value);                                                                              \
      const TYPE next = sum + value;                                                                                   \
      memcpy(to, is_exclusive ? &sum : &next, sizeof next);                                                            \
      sum = next;                                                                                                      \
    }                                                                                                                  \
  }

DEFINE_SUM(sum_f32, float)
DEFINE_SUM(sum_32, uint32_t)
DEFINE_SUM(sum_64, uint64_t)

void swl_cumulative_sum(swl_element type, const void *source, void *output, size_t outer, size_t count, size_t inner,
                        bool is_exclusive, bool is_reverse) {
  const size_t bytes = type == SWL_ELEMENT_I64 ? 8 : 4;
  const size_t line = count * inner * bytes, step = inner * bytes;
  const size_t start = is_reverse && count > 0 ? (count - 1) * step : 0;
  const ptrdiff_t stride = is_reverse ? -(ptrdiff_t)step : (ptrdiff_t)step;
  for (size_t i = 0; i < outer * inner; i++) {
    const size_t offset = i / inner * line + i % inner * bytes + start;
    const unsigned char *from = (const unsigned char *)source + offset;
    unsigned char *to = (unsigned char *)output + offset;
    if (type == SWL_ELEMENT_F32)
      sum_f32(from, to, count, stride, is_exclusive);
    else if (type == SWL_ELEMENT_I64)
      sum_64(from, to, count, stride, is_exclusive);
    else
      sum_32(from, to, count, stride, is_exclusive);
  }
}
