// How the detection kernels read a number of a tensor.
#ifndef DETECTION_SOURCE_H
#define DETECTION_SOURCE_H

#include "swl_detection.h"
#include <string.h>

static inline float read_number(const swl_detection_source *source, const void *values, size_t index) {
  if (source->is_u8)
    return source->scale * ((float)((const uint8_t *)values)[index] - source->zero_point);
  float value;
  memcpy(&value, (const char *)values + index * sizeof value, sizeof value);
  return value;
}

#endif
