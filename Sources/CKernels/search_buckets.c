#include "swl_search.h"
#include <string.h>

/// The number of boundaries, which rise, that are not above `x`; all of them for NaN.
static int32_t bucket(float x, const float *boundaries, size_t count) {
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (x < boundaries[middle])
      high = middle;
    else
      low = middle + 1;
  }
  return (int32_t)low;
}

void swl_search_buckets(swl_element type, const void *source, size_t count, const float *boundaries,
                        size_t boundary_count, int32_t *output) {
  for (size_t i = 0; i < count; i++) {
    float x;
    if (type == SWL_ELEMENT_I64) {
      int64_t value;
      memcpy(&value, (const unsigned char *)source + 8 * i, sizeof value);
      x = (float)value;
    } else if (type == SWL_ELEMENT_I32) {
      int32_t value;
      memcpy(&value, (const unsigned char *)source + 4 * i, sizeof value);
      x = (float)value;
    } else {
      memcpy(&x, (const unsigned char *)source + 4 * i, sizeof x);
    }
    output[i] = bucket(x, boundaries, boundary_count);
  }
}
