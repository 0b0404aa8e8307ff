#include <string.h>

#include "CFloatLayers.h"
#include "blas.h"

static void multiply_plainly(const float *a, int transposes_a, const float *b, int transposes_b, float *c, size_t m,
                             size_t n, size_t k) {
  for (size_t row = 0; row < m; row++) {
    float *sums = c + row * n;
    memset(sums, 0, n * sizeof *sums);
    for (size_t i = 0; i < k; i++) {
      const float factor = transposes_a ? a[i * m + row] : a[row * k + i];
      for (size_t column = 0; column < n; column++)
        sums[column] += factor * (transposes_b ? b[column * k + i] : b[i * n + column]);
    }
  }
}

void swl_matrix_product(const float *a, int transposes_a, const float *b, int transposes_b, float *c, size_t m,
                        size_t n, size_t k) {
  const blas_gemm gemm = blas()->gemm;
  if (gemm == NULL) {
    multiply_plainly(a, transposes_a, b, transposes_b, c, m, n, k);
    return;
  }
  gemm(BLAS_ROW_MAJOR, transposes_a ? BLAS_TRANSPOSED : BLAS_PLAIN, transposes_b ? BLAS_TRANSPOSED : BLAS_PLAIN, (int)m,
       (int)n, (int)k, 1, a, (int)(transposes_a ? m : k), b, (int)(transposes_b ? k : n), 0, c, (int)n);
}

// One row of one window; `x` is the first column, which may lie outside.
static void gather_row(const swl_window_shape *shape, const float *row, ptrdiff_t x, float *target) {
  const size_t channels = shape->channels;
  for (size_t i = 0; i < shape->window_width; i++) {
    const ptrdiff_t column = x + (ptrdiff_t)(i * shape->dilation_width);
    if (column < 0 || column >= (ptrdiff_t)shape->input_width) {
      memset(target, 0, channels * sizeof *target);
    } else {
      memcpy(target, row + (size_t)column * channels, channels * sizeof *target);
    }
    target += channels;
  }
}

void swl_gather_windows(const swl_window_shape *shape, const float *picture, size_t first, size_t rows,
                        float *windows) {
  const size_t row_elements = shape->input_width * shape->channels;
  const size_t part = shape->window_width * shape->channels;
  for (size_t y = first; y < first + rows; y++) {
    const ptrdiff_t top = (ptrdiff_t)(y * shape->stride_height) - (ptrdiff_t)shape->padding_top;
    for (size_t x = 0; x < shape->output_width; x++) {
      const ptrdiff_t left = (ptrdiff_t)(x * shape->stride_width) - (ptrdiff_t)shape->padding_left;
      for (size_t i = 0; i < shape->window_height; i++) {
        const ptrdiff_t row = top + (ptrdiff_t)(i * shape->dilation_height);
        if (row < 0 || row >= (ptrdiff_t)shape->input_height) {
          memset(windows, 0, part * sizeof *windows);
        } else {
          gather_row(shape, picture + (size_t)row * row_elements, left, windows);
        }
        windows += part;
      }
    }
  }
}

void swl_finish_rows(float *sums, size_t rows, size_t channels, const float *bias, float low, float high) {
  for (size_t row = 0; row < rows; row++) {
    for (size_t i = 0; i < channels; i++) {
      float sum = sums[i] + (bias ? bias[i] : 0);
      sum = sum < low ? low : sum;
      sums[i] = sum > high ? high : sum;
    }
    sums += channels;
  }
}
