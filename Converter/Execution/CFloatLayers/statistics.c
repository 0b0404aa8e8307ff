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

static void count_in_bin(float x, float inverse_width, uint32_t weight, uint32_t *counts, size_t bins) {
  float bin = floorf(x * inverse_width) + (float)(bins / 2);
  bin = bin < 0 ? 0 : bin;
  bin = bin > (float)(bins - 1) ? (float)(bins - 1) : bin;
  counts[(size_t)bin] += weight;
}

void swl_count_addends(const float *elements, const float *others, size_t count, float inverse_width, uint32_t *passed,
                       uint32_t *thresholds, size_t bins) {
  for (size_t i = 0; i < count; i++) {
    const float x = elements[i], other = others[i];
    if (!(fabsf(x) < FLT_MAX && fabsf(other) < FLT_MAX))
      continue;
    if (x + other > 0) {
      count_in_bin(x, inverse_width, 1, passed, bins);
    } else {
      count_in_bin(-other, inverse_width, 1, thresholds, bins);
    }
  }
}

static float largest_of(const float *elements, size_t count) {
  float largest = -INFINITY;
  for (size_t i = 0; i < count; i++)
    largest = elements[i] > largest ? elements[i] : largest;
  return largest;
}

// Logits further than this below the largest of their row are less than a 1024th of it.
#define OUT_OF_QUESTION 6.931471806f

float swl_reach_of_logits(const float *logits, size_t rows, size_t classes) {
  float reach = 0;
  for (size_t row = 0; row < rows; row++, logits += classes) {
    const float largest = largest_of(logits, classes);
    if (!(fabsf(largest) < FLT_MAX))
      continue;
    for (size_t i = 0; i < classes; i++) {
      const float least = largest - OUT_OF_QUESTION, x = logits[i] > least ? logits[i] : least;
      reach = fabsf(x) > reach ? fabsf(x) : reach;
    }
  }
  return reach;
}

void swl_count_logits(const float *logits, size_t rows, size_t classes, float inverse_width, uint32_t *counts,
                      uint32_t *thresholds, size_t bins) {
  for (size_t row = 0; row < rows; row++, logits += classes) {
    const float largest = largest_of(logits, classes);
    if (!(fabsf(largest) < FLT_MAX))
      continue;
    float sum = 0;
    for (size_t i = 0; i < classes; i++)
      sum += expf(logits[i] - largest);
    for (size_t i = 0; i < classes; i++) {
      const float below = largest - logits[i], p = expf(-below) / sum;
      if (below < OUT_OF_QUESTION) {
        count_in_bin(logits[i], inverse_width, (uint32_t)(1024 * p * (1 - p)) + 1, counts, bins);
      } else {
        count_in_bin(largest - OUT_OF_QUESTION, inverse_width, 1, thresholds, bins);
      }
    }
  }
}
