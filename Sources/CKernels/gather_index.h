// How the gather kernels read an index.
#ifndef GATHER_INDEX_H
#define GATHER_INDEX_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline int64_t load_index(const unsigned char *indices, size_t position, size_t bytes) {
  indices += position * bytes;
  if (bytes == 2) {
    int16_t value;
    memcpy(&value, indices, sizeof value);
    return value;
  }
  if (bytes == 4) {
    int32_t value;
    memcpy(&value, indices, sizeof value);
    return value;
  }
  int64_t value;
  memcpy(&value, indices, sizeof value);
  return value;
}

#endif
