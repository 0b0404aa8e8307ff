#include <float.h>
#include <math.h>

#include "CFloatLayers.h"

// The largest float stands for infinity in padding and masks: it counts as no number here.

swl_float_range swl_range_of(const float *elements, size_t count) {
  float low = INFINITY, high = -INFINITY;
  size_t not_finite = 0;
  for (size_t i = 0; i < count; i++) {
    const float x = elements[i];
    const int is_finite = fabsf(x) < FLT_MAX;
    low = is_finite && x < low ? x : low;
    high = is_finite && x > high ? x : high;
    not_finite += !is_finite;
  }
  return (swl_float_range){low, high, not_finite};
}

void swl_count_in_bins(const float *elements, size_t count, float inverse_width, uint32_t *counts, size_t bins) {
  const float middle = (float)(bins / 2);
  const float last = (float)(bins - 1);
  for (size_t i = 0; i < count; i++) {
    const float x = elements[i];
    if (!(fabsf(x) < FLT_MAX))
      continue;
    float bin = floorf(x * inverse_width) + middle;
    bin = bin < 0 ? 0 : bin;
    bin = bin > last ? last : bin;
    counts[(size_t)bin]++;
  }
}

void swl_add_columns(const float *elements, size_t rows, size_t channels, double *sums) {
  for (size_t row = 0; row < rows; row++) {
    for (size_t i = 0; i < channels; i++) {
      const float x = elements[i];
      sums[i] += fabsf(x) < FLT_MAX ? (double)x : 0;
    }
    elements += channels;
  }
}

void swl_raise_to_columns(const float *elements, size_t rows, size_t channels, float *largest) {
  for (size_t row = 0; row < rows; row++) {
    for (size_t i = 0; i < channels; i++) {
      const float magnitude = fabsf(elements[i]);
      largest[i] = magnitude < FLT_MAX && magnitude > largest[i] ? magnitude : largest[i];
    }
    elements += channels;
  }
}
