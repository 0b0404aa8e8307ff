// Cosines of parts of the circle, the same on every machine.
#ifndef SIGNAL_COSINE_H
#define SIGNAL_COSINE_H

#include <stddef.h>

/// cos(x) or sin(x) for x in 0...pi / 4.
static inline double swl_cosine_series(double x, int is_sine) {
  double term = is_sine ? x : 1, total = term;
  for (int i = is_sine ? 2 : 1; i < 24; i += 2) {
    term *= -x * x / (double)(i * (i + 1));
    total += term;
  }
  return total;
}

/// cos(2 pi k / n), by reflection into the first eighth of the circle.
static inline double swl_cosine(size_t k, size_t n) {
  k %= n;
  if (2 * k > n)
    k = n - k;
  if (4 * k > n)
    return -swl_cosine(n / 2 - k, n);
  const double turn = 6.283185307179586 / (double)n;
  return 8 * k <= n ? swl_cosine_series(turn * (double)k, 0) : swl_cosine_series(turn * (double)(n - 4 * k) / 4, 1);
}

#endif
