#include "gather_row_limit.h"
#include "swl_search.h"

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

// The position of the first extremum of a dense row of bytes: its value, then where that stands.
static size_t search_bytes(swl_element type, bool finds_least, const unsigned char *row, size_t count) {
  unsigned char best;
  if (type == SWL_ELEMENT_U8)
    best = finds_least ? row_min_u8(row, count) : row_max_u8(row, count);
  else
    best = (unsigned char)(finds_least ? row_min_i8(row, count) : row_max_i8(row, count));
  const unsigned char *found = memchr(row, best, count);
  return (size_t)(found - row);
}

void swl_search_extremum(swl_element type, bool finds_least, bool is_wide, const void *source, void *output,
                         size_t count, size_t inner, size_t begin, size_t end) {
  const size_t bytes = variants[type].bytes;
  for (size_t i = begin; i < end; i++) {
    size_t found;
    if (inner == 1 && bytes == 1) {
      found = search_bytes(type, finds_least, (const unsigned char *)source + i * count, count);
    } else {
      const size_t first = i / inner * count * inner + i % inner;
      found = variants[type].find((const unsigned char *)source + first * bytes, count, inner, finds_least);
    }
    if (is_wide)
      ((int64_t *)output)[i] = (int64_t)found;
    else
      ((int32_t *)output)[i] = (int32_t)found;
  }
}
