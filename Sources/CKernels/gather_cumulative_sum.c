#include "swl_gather.h"
#include <string.h>

/// Neighbouring sums that are taken along together, so that memory is walked in its order. They fit registers where
/// there are vectors.
enum { BLOCK = 16 };

#if defined(__SSE2__) || defined(__ARM_NEON)
#define HAS_VECTORS true
#else
#define HAS_VECTORS false
#endif

// `from` and `to` are the first elements of `width` neighbouring sums, `step` the elements to their next ones.
#define DEFINE_SUM(NAME, TYPE)                                                                                         \
  typedef TYPE NAME##_element __attribute__((aligned(1)));                                                             \
  static inline __attribute__((always_inline)) void NAME##_block(                                                      \
      const NAME##_element *from, NAME##_element *to, size_t width, size_t count, ptrdiff_t step, bool is_exclusive) { \
    TYPE sum[BLOCK] = {0};                                                                                             \
    for (; count > 0; count--) {                                                                                       \
      for (size_t i = 0; i < width; i++) {                                                                             \
        const TYPE next = sum[i] + from[i];                                                                            \
        to[i] = is_exclusive ? sum[i] : next;                                                                          \
        sum[i] = next;                                                                                                 \
      }                                                                                                                \
      if (count > 1) {                                                                                                 \
        from += step;                                                                                                  \
        to += step;                                                                                                    \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
  typedef TYPE NAME##_vector __attribute__((ext_vector_type(BLOCK)));                                                  \
  static void NAME##_vectors(const NAME##_element *from, NAME##_element *to, size_t count, ptrdiff_t step,             \
                             bool is_exclusive) {                                                                      \
    NAME##_vector sum = 0, next;                                                                                       \
    for (; count > 0; count--) {                                                                                       \
      memcpy(&next, from, sizeof next);                                                                                \
      if (is_exclusive)                                                                                                \
        memcpy(to, &sum, sizeof sum);                                                                                  \
      sum += next;                                                                                                     \
      if (!is_exclusive)                                                                                               \
        memcpy(to, &sum, sizeof sum);                                                                                  \
      if (count > 1) {                                                                                                 \
        from += step;                                                                                                  \
        to += step;                                                                                                    \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
  static void NAME(const void *source, void *output, size_t first, size_t width, size_t count, ptrdiff_t step,         \
                   bool is_exclusive) {                                                                                \
    const NAME##_element *from = (const NAME##_element *)source + first;                                               \
    NAME##_element *to = (NAME##_element *)output + first;                                                             \
    if (width == 1)                                                                                                    \
      NAME##_block(from, to, 1, count, step, is_exclusive);                                                            \
    else if (HAS_VECTORS && width == BLOCK)                                                                            \
      NAME##_vectors(from, to, count, step, is_exclusive);                                                             \
    else                                                                                                               \
      NAME##_block(from, to, width, count, step, is_exclusive);                                                        \
  }

DEFINE_SUM(sum_f32, float)
DEFINE_SUM(sum_32, uint32_t)
DEFINE_SUM(sum_64, uint64_t)

void swl_cumulative_sum(swl_element type, const void *source, void *output, size_t outer, size_t count, size_t inner,
                        bool is_exclusive, bool is_reverse) {
  const size_t start = is_reverse && count > 0 ? (count - 1) * inner : 0;
  const ptrdiff_t step = is_reverse ? -(ptrdiff_t)inner : (ptrdiff_t)inner;
  for (size_t o = 0; o < outer; o++)
    for (size_t i = 0, width; i < inner; i += width) {
      width = inner < 4 ? 1 : inner - i < BLOCK ? inner - i : BLOCK;
      const size_t first = o * count * inner + start + i;
      if (type == SWL_ELEMENT_F32)
        sum_f32(source, output, first, width, count, step, is_exclusive);
      else if (type == SWL_ELEMENT_I64)
        sum_64(source, output, first, width, count, step, is_exclusive);
      else
        sum_32(source, output, first, width, count, step, is_exclusive);
    }
}
