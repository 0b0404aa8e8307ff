#include "swl_search.h"
#include <string.h>

// A heap of positions whose root is the one to give up first.
#define DEFINE_TOP_K(NAME, TYPE)                                                                                       \
  static TYPE NAME##_at(const unsigned char *row, int32_t position) {                                                  \
    TYPE value;                                                                                                        \
    memcpy(&value, row + (size_t)position * sizeof value, sizeof value);                                               \
    return value;                                                                                                      \
  }                                                                                                                    \
  static bool NAME##_precedes(const unsigned char *row, int32_t a, int32_t b) {                                        \
    const TYPE x = NAME##_at(row, a), y = NAME##_at(row, b);                                                           \
    return x > y || (!(x < y) && a < b);                                                                               \
  }                                                                                                                    \
  static void NAME##_sift(const unsigned char *row, int32_t *heap, size_t root, size_t count) {                        \
    const int32_t moved = heap[root];                                                                                  \
    for (size_t child; (child = 2 * root + 1) < count; root = child) {                                                 \
      if (child + 1 < count && NAME##_precedes(row, heap[child], heap[child + 1]))                                     \
        child++;                                                                                                       \
      if (!NAME##_precedes(row, moved, heap[child]))                                                                   \
        break;                                                                                                         \
      heap[root] = heap[child];                                                                                        \
    }                                                                                                                  \
    heap[root] = moved;                                                                                                \
  }                                                                                                                    \
  static void NAME(const unsigned char *row, size_t count, size_t k, int32_t *heap) {                                  \
    for (size_t i = 0; i < k; i++)                                                                                     \
      heap[i] = (int32_t)i;                                                                                            \
    for (size_t root = k / 2; root-- > 0;)                                                                             \
      NAME##_sift(row, heap, root, k);                                                                                 \
    for (size_t i = k; i < count; i++) {                                                                               \
      if (NAME##_precedes(row, (int32_t)i, heap[0])) {                                                                 \
        heap[0] = (int32_t)i;                                                                                          \
        NAME##_sift(row, heap, 0, k);                                                                                  \
      }                                                                                                                \
    }                                                                                                                  \
    for (size_t last = k; last-- > 1;) {                                                                               \
      const int32_t worst = heap[0];                                                                                   \
      heap[0] = heap[last];                                                                                            \
      heap[last] = worst;                                                                                              \
      NAME##_sift(row, heap, 0, last);                                                                                 \
    }                                                                                                                  \
  }

DEFINE_TOP_K(top_k_f32, float)
DEFINE_TOP_K(top_k_i8, int8_t)
DEFINE_TOP_K(top_k_u8, uint8_t)
DEFINE_TOP_K(top_k_i16, int16_t)
DEFINE_TOP_K(top_k_i32, int32_t)
DEFINE_TOP_K(top_k_i64, int64_t)

typedef void (*top_k)(const unsigned char *row, size_t count, size_t k, int32_t *heap);

static const struct {
  top_k find;
  size_t bytes;
} variants[] = {
    [SWL_ELEMENT_F32] = {top_k_f32, 4}, [SWL_ELEMENT_I8] = {top_k_i8, 1},   [SWL_ELEMENT_U8] = {top_k_u8, 1},
    [SWL_ELEMENT_I16] = {top_k_i16, 2}, [SWL_ELEMENT_I32] = {top_k_i32, 4}, [SWL_ELEMENT_I64] = {top_k_i64, 8},
};

void swl_search_top_k(swl_element type, const void *source, size_t rows, size_t count, size_t k, void *values,
                      void *positions, size_t index_bytes, int32_t *scratch) {
  const size_t bytes = variants[type].bytes;
  unsigned char *value = values, *position = positions;
  for (size_t row = 0; row < rows && k > 0; row++) {
    const unsigned char *line = (const unsigned char *)source + row * count * bytes;
    variants[type].find(line, count, k, scratch);
    for (size_t i = 0; i < k; i++, value += bytes, position += index_bytes) {
      memcpy(value, line + (size_t)scratch[i] * bytes, bytes);
      const int16_t narrow = (int16_t)scratch[i];
      memcpy(position, index_bytes == 2 ? (const void *)&narrow : &scratch[i], index_bytes);
    }
  }
}
