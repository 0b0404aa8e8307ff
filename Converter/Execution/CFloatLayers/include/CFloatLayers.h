#pragma once

#include <stddef.h>
#include <stdint.h>

// What float execution and calibration do to every element. Counts are elements; nothing here allocates.

// Uses one thread for each product, so that several threads may each compute one.
void swl_use_one_thread_per_product(void);

// c = a * b for row-major matrices (m, k) and (k, n), or (n, k) with `transposes_b`, (k, m) with `transposes_a`.
void swl_matrix_product(const float *a, int transposes_a, const float *b, int transposes_b, float *c, size_t m,
                        size_t n, size_t k);

typedef struct {
  size_t input_height, input_width, channels;
  size_t output_width;
  size_t window_height, window_width;
  size_t stride_height, stride_width;
  size_t dilation_height, dilation_width;
  size_t padding_top, padding_left;
} swl_window_shape;

// The windows of output rows [first, first + rows) of one picture (height, width, channels), one window a row:
// (rows * output_width, window_height * window_width * channels); 0 outside the picture.
void swl_gather_windows(const swl_window_shape *shape, const float *picture, size_t first, size_t rows, float *windows);

// Adds `bias` (NULL for none) to each row of (rows, channels) and limits the sums to [low, high]; NaN stays NaN.
void swl_finish_rows(float *sums, size_t rows, size_t channels, const float *bias, float low, float high);

// "Finite" below means a magnitude less than FLT_MAX, which stands for infinity in padding and masks.

typedef struct {
  // Of the finite elements; low > high when there are none.
  float low, high;
  size_t not_finite;
} swl_float_range;

swl_float_range swl_range_of(const float *elements, size_t count);

// Adds each finite element to the bin of its multiple of 1 / `inverse_width`; bin `bins / 2` begins at 0.
// Elements beyond the last bins count in them.
void swl_count_in_bins(const float *elements, size_t count, float inverse_width, uint32_t *counts, size_t bins);

// Adds the finite elements of each column of (rows, channels) to `sums`.
void swl_add_columns(const float *elements, size_t rows, size_t channels, double *sums);

// Raises each of `largest` to the largest finite magnitude in its column of (rows, channels).
void swl_raise_to_columns(const float *elements, size_t rows, size_t channels, float *largest);
