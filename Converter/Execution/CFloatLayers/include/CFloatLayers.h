#pragma once

#include <stddef.h>
#include <stdint.h>

// What float execution and calibration do to every element. Counts are elements; nothing here allocates.

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

// Counts what a sum behind a rectifier lets through of one addend: `elements[i]` in `passed` where it and `others[i]`
// are together above 0, else in `thresholds` the number that it would have to exceed, `-others[i]`. Bins as above.
void swl_count_addends(const float *elements, const float *others, size_t count, float inverse_width, uint32_t *passed,
                       uint32_t *thresholds, size_t bins);

// The largest magnitude that swl_count_logits counts.
float swl_reach_of_logits(const float *logits, size_t rows, size_t classes);

// Counts the logits of (rows, classes) by how far their softmax follows them: 1024 times its derivative p (1 - p), and
// once more. Of those that are less than a 1024th of the row's largest, which 8 bits cannot tell from 0, the logit that
// would be as much is counted once, in `thresholds`. Rows that are not finite are left out. `rows * classes` is below
// 2^24. Bins as above.
void swl_count_logits(const float *logits, size_t rows, size_t classes, float inverse_width, uint32_t *counts,
                      uint32_t *thresholds, size_t bins);

// Adds the products of columns i >= j of (count, depth) to `products[i * depth + j]` and the columns to `sums`.
void swl_add_moments(const float *rows, size_t count, size_t depth, float *products, double *sums);

// As above for each channel of (count, taps, channels) by itself: products (taps, taps, channels), sums (taps,
// channels).
void swl_add_channel_moments(const float *windows, size_t count, size_t taps, size_t channels, float *products,
                             double *sums);

// Replaces the lower triangle of a symmetric matrix M (depth, depth) by the transpose of an upper triangular R with
// M = R R^T: entry [j * depth + i] is R[i][j]. 0 when M is not positive definite.
int swl_factor_moments(double *moments, size_t depth);

// Rounds `depth` weights, `stride` apart, to multiples of `scale` in -127...127, each so that it makes up for the
// errors of those before it: with R from above, the error of weight k is to be -sum(j < k) errors[j] R[j][k] / R[k][k].
void swl_round_with_feedback(const float *weights, size_t stride, size_t depth, float scale, const double *factor,
                             double *errors, int8_t *stored);
