#include <math.h>

#include "CFloatLayers.h"
#include "blas.h"

// products += rows^T * rows, the lower triangle.
static void add_products(const float *rows, size_t count, size_t depth, float *products) {
  const blas_syrk syrk = blas()->syrk;
  if (syrk != NULL) {
    syrk(BLAS_ROW_MAJOR, BLAS_LOWER, BLAS_TRANSPOSED, (int)depth, (int)count, 1, rows, (int)depth, 1, products,
         (int)depth);
    return;
  }
  for (size_t row = 0; row < count; row++) {
    const float *numbers = rows + row * depth;
    for (size_t i = 0; i < depth; i++) {
      for (size_t j = 0; j <= i; j++)
        products[i * depth + j] += numbers[i] * numbers[j];
    }
  }
}

void swl_add_moments(const float *rows, size_t count, size_t depth, float *products, double *sums) {
  add_products(rows, count, depth, products);
  for (size_t row = 0; row < count; row++) {
    for (size_t i = 0; i < depth; i++)
      sums[i] += (double)rows[row * depth + i];
  }
}

void swl_add_channel_moments(const float *windows, size_t count, size_t taps, size_t channels, float *products,
                             double *sums) {
  for (size_t row = 0; row < count; row++) {
    const float *window = windows + row * taps * channels;
    for (size_t i = 0; i < taps; i++) {
      const float *a = window + i * channels;
      for (size_t j = 0; j <= i; j++) {
        const float *b = window + j * channels;
        float *target = products + (i * taps + j) * channels;
        for (size_t c = 0; c < channels; c++)
          target[c] += a[c] * b[c];
      }
      for (size_t c = 0; c < channels; c++)
        sums[i * channels + c] += (double)a[c];
    }
  }
}

int swl_factor_moments(double *moments, size_t depth) {
  for (size_t j = depth; j-- > 0;) {
    double *row = moments + j * depth;
    const double pivot = row[j];
    if (!(pivot > 0) || !isfinite(pivot))
      return 0;
    const double root = sqrt(pivot);
    for (size_t i = 0; i < j; i++)
      row[i] /= root;
    row[j] = root;
    for (size_t i = 0; i < j; i++) {
      const double factor = row[i];
      double *target = moments + i * depth;
      for (size_t m = 0; m <= i; m++)
        target[m] -= factor * row[m];
    }
  }
  return 1;
}

static double dot(const double *a, const double *b, size_t count) {
  double sums[4] = {0, 0, 0, 0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (size_t lane = 0; lane < 4; lane++)
      sums[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < count; i++)
    sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void swl_round_with_feedback(const float *weights, size_t stride, size_t depth, float scale, const double *factor,
                             double *errors, int8_t *stored) {
  for (size_t k = 0; k < depth; k++) {
    const double *row = factor + k * depth;
    const double weight = (double)weights[k * stride];
    const double wanted = weight + dot(errors, row, k) / row[k];
    double level = round(wanted / (double)scale);
    level = level < -127 ? -127 : level;
    level = level > 127 ? 127 : level;
    stored[k * stride] = (int8_t)level;
    errors[k] = weight - level * (double)scale;
  }
}
