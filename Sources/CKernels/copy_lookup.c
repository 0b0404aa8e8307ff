#include "swl_copy.h"

void swl_copy_lookup(const void *source, void *destination, const void *table, size_t rows, size_t row_bytes,
                     size_t destination_stride) {
  const unsigned char *from = source, *map = table;
  unsigned char *to = destination;
  for (size_t row = 0; row < rows; row++, from += row_bytes, to += destination_stride)
    for (size_t i = 0; i < row_bytes; i++)
      to[i] = map[from[i]];
}
