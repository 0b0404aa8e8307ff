#include "swl_locate.h"

// The bits of element `index`, without the sign of floats, whose negative zero is zero.
static uint64_t bits(const void *source, size_t index, size_t element_bytes, bool is_float) {
  switch (element_bytes) {
  case 1:
    return ((const uint8_t *)source)[index];
  case 2:
    return ((const uint16_t *)source)[index];
  case 4:
    return is_float ? ((const uint32_t *)source)[index] & 0x7fffffff : ((const uint32_t *)source)[index];
  default:
    return ((const uint64_t *)source)[index];
  }
}

size_t swl_count_nonzero(const void *source, size_t count, size_t element_bytes, bool is_float) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++)
    found += bits(source, i, element_bytes, is_float) != 0;
  return found;
}

void swl_locate_nonzero(const void *source, size_t count, size_t element_bytes, bool is_float,
                        const intptr_t *dimensions, size_t rank, int64_t *positions) {
  for (size_t i = 0; i < count; i++) {
    if (bits(source, i, element_bytes, is_float) == 0)
      continue;
    size_t rest = i;
    for (size_t axis = rank; axis-- > 0; rest /= (size_t)dimensions[axis])
      positions[axis] = (int64_t)(rest % (size_t)dimensions[axis]);
    positions += rank;
  }
}
