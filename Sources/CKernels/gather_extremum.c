#include "swl_search.h"
#include <stdint.h>
#include <string.h>

// A line of `count` elements that are `step` apart.
#define DEFINE_SEARCH(NAME, TYPE)                                                                                      \
  static size_t NAME(const unsigned char *line, size_t count, size_t step, bool finds_least) {                         \
    size_t found = 0;                                                                                                  \
    TYPE best, value;                                                                                                  \
    memcpy(&best, line, sizeof best);                                                                                  \
    for (size_t i = 1; i < count; i++) {                                                                               \
      memcpy(&value, line + i * step * sizeof value, sizeof value);                                                    \
      if (finds_least ? value < best : value > best) {                                                                 \
        best = value;                                                                                                  \
        found = i;                                                                                                     \
      }                                                                                                                \
    }                                                                                                                  \
    return found;                                                                                                      \
  }

DEFINE_SEARCH(search_f32, float)
DEFINE_SEARCH(search_i8, int8_t)
DEFINE_SEARCH(search_u8, uint8_t)
DEFINE_SEARCH(search_i16, int16_t)
DEFINE_SEARCH(search_i32, int32_t)
DEFINE_SEARCH(search_i64, int64_t)

typedef size_t (*search)(const unsigned char *line, size_t count, size_t step, bool finds_least);

static const struct {
  search find;
  size_t bytes;
} variants[] = {
    [SWL_ELEMENT_F32] = {search_f32, 4}, [SWL_ELEMENT_I8] = {search_i8, 1},   [SWL_ELEMENT_U8] = {search_u8, 1},
    [SWL_ELEMENT_I16] = {search_i16, 2}, [SWL_ELEMENT_I32] = {search_i32, 4}, [SWL_ELEMENT_I64] = {search_i64, 8},
};

void swl_search_extremum(swl_element type, bool finds_least, bool is_wide, const void *source, void *output,
                         size_t outer, size_t count, size_t inner) {
  const size_t bytes = variants[type].bytes;
  for (size_t row = 0; row < outer; row++) {
    for (size_t column = 0; column < inner; column++) {
      const unsigned char *line = (const unsigned char *)source + (row * count * inner + column) * bytes;
      size_t found = variants[type].find(line, count, inner, finds_least);
      if (is_wide)
        ((int64_t *)output)[row * inner + column] = (int64_t)found;
      else
        ((int32_t *)output)[row * inner + column] = (int32_t)found;
    }
  }
}
