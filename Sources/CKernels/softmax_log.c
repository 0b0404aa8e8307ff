#include "softmax_math.h"
#include "swl_fixed_point.h"
#include "swl_normalize.h"
#include <float.h>
#include <stdbool.h>

#pragma STDC FP_CONTRACT OFF

/// log(x) for finite x > 0 to about 1e-12: x = 2^e m with m around 1, log m = 2 atanh((m - 1) / (m + 1)).
static double logarithm(double x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  const int64_t exponent = (bits - 0x3fe6a09e667f3bcd) >> 52; // m in sqrt(1/2)...sqrt(2)
  bits -= (int64_t)((uint64_t)exponent << 52);
  double m;
  memcpy(&m, &bits, sizeof m);
  const double s = (m - 1) / (m + 1), square = s * s;
  double series = 0;
  for (int k = 15; k > 0; k -= 2)
    series = series * square + 1.0 / k;
  return (double)exponent * 0.693147180559945309 + 2 * s * series;
}

/// Whether float64 sums `count` numbers e^-x, 0 <= x <= `range`, without rounding, in any order therefore: all are
/// multiples of the last place of the smallest one.
static bool sums_are_exact(size_t count, float range) {
  const int bits = count < 1 << 20 ? 32 - __builtin_clz((uint32_t)count | 1) : 32;
  return range <= 0.69f * (float)(29 - bits);
}

enum { BLOCK = 64, LANES = 8 };
typedef float floats __attribute__((ext_vector_type(LANES)));
typedef double doubles __attribute__((ext_vector_type(LANES)));

typedef struct extremes {
  float lowest, highest;
} extremes;

// A choice between vectors by a vector is no conversion to bool.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wconversion"

/// NaN is skipped.
static extremes extremes_of(const float *input, size_t count) {
  extremes found = {FLT_MAX, -FLT_MAX};
  floats lowest = found.lowest, highest = found.highest, next;
  size_t i = 0;
  for (; count - i >= LANES; i += LANES) {
    memcpy(&next, input + i, sizeof next);
    lowest = next < lowest ? next : lowest;
    highest = highest < next ? next : highest;
  }
  float least[LANES], most[LANES];
  memcpy(least, &lowest, sizeof lowest);
  memcpy(most, &highest, sizeof highest);
  for (size_t l = 0; l < LANES; l++) {
    found.lowest = least[l] < found.lowest ? least[l] : found.lowest;
    found.highest = found.highest < most[l] ? most[l] : found.highest;
  }
  for (; i < count; i++) {
    found.lowest = input[i] < found.lowest ? input[i] : found.lowest;
    found.highest = found.highest < input[i] ? input[i] : found.highest;
  }
  return found;
}
#pragma clang diagnostic pop

/// Those not of a whole vector are followed by zeros.
static double sum_in_lanes(const float *exponentials, size_t count) {
  doubles sums = 0;
  for (size_t i = 0; i < count; i += LANES) {
    floats next;
    memcpy(&next, exponentials + i, sizeof next);
    sums += __builtin_convertvector(next, doubles);
  }
  const __auto_type four = sums.lo + sums.hi;
  const __auto_type two = four.lo + four.hi;
  return two.x + two.y;
}

void swl_f32_log_softmax(const float *input, float *output, size_t rows, size_t depth) {
  for (size_t r = 0; r < rows; r++, input += depth, output += depth) {
    const extremes extremes = extremes_of(input, depth);
    const float largest = extremes.highest;
    const bool is_exact = sums_are_exact(depth, largest - extremes.lowest);
    double sum = 0;
    for (size_t begin = 0, count; begin < depth; begin += count) {
      // Apart from the sum, which has an order, they are computed in vectors.
      float exponentials[BLOCK] = {0};
      count = depth - begin < BLOCK ? depth - begin : BLOCK;
      for (size_t i = 0; i < count; i++)
        exponentials[i] = softmax_exp(input[begin + i] - largest);
      if (is_exact)
        sum += sum_in_lanes(exponentials, count);
      else
        for (size_t i = 0; i < count; i++)
          sum += exponentials[i];
    }
    const float log_sum = (float)logarithm(sum);
    for (size_t i = 0; i < depth; i++)
      output[i] = input[i] - largest - log_sum;
  }
}

void swl_i8_log_softmax(float scale, const int8_t *input, int8_t *output, size_t rows, size_t depth) {
  float exponentials[256];
  for (int distance = 0; distance < 256; distance++)
    exponentials[distance] = softmax_exp(-scale * (float)distance);
  const bool is_exact = sums_are_exact(depth, scale * 255);
  for (size_t r = 0; r < rows; r++, input += depth, output += depth) {
    int32_t largest = INT8_MIN;
    for (size_t i = 0; i < depth; i++)
      largest = largest < input[i] ? input[i] : largest;
    double sum = 0;
    size_t done = 0;
    if (is_exact) {
      double a = 0, b = 0, c = 0, d = 0;
      for (; depth - done >= 4; done += 4) {
        a += exponentials[largest - input[done]];
        b += exponentials[largest - input[done + 1]];
        c += exponentials[largest - input[done + 2]];
        d += exponentials[largest - input[done + 3]];
      }
      sum = (a + b) + (c + d);
    }
    for (size_t i = done; i < depth; i++)
      sum += exponentials[largest - input[i]];
    const float log_sum = (float)logarithm(sum);
    for (size_t i = 0; i < depth; i++) {
      const float value = -scale * (float)(largest - input[i]) - log_sum;
      const float stored = value * 16 + 127; // 256 / 16
      output[i] = stored < INT8_MIN ? INT8_MIN : (int8_t)(int32_t)(stored < 0 ? stored - 0.5f : stored + 0.5f);
    }
  }
}
