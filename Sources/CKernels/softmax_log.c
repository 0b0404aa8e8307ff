#include "softmax_math.h"
#include "swl_fixed_point.h"
#include "swl_normalize.h"
#include <float.h>

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

enum { BLOCK = 64 };

void swl_f32_log_softmax(const float *input, float *output, size_t rows, size_t depth) {
  for (size_t r = 0; r < rows; r++, input += depth, output += depth) {
    float largest = -FLT_MAX;
    for (size_t i = 0; i < depth; i++)
      largest = largest < input[i] ? input[i] : largest;
    double sum = 0;
    for (size_t begin = 0, count; begin < depth; begin += count) {
      // Apart from the sum, which has an order, they are computed in vectors.
      float exponentials[BLOCK];
      count = depth - begin < BLOCK ? depth - begin : BLOCK;
      for (size_t i = 0; i < count; i++)
        exponentials[i] = softmax_exp(input[begin + i] - largest);
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
  for (size_t r = 0; r < rows; r++, input += depth, output += depth) {
    int32_t largest = INT8_MIN;
    for (size_t i = 0; i < depth; i++)
      largest = largest < input[i] ? input[i] : largest;
    double sum = 0;
    for (size_t i = 0; i < depth; i++)
      sum += exponentials[largest - input[i]];
    const float log_sum = (float)logarithm(sum);
    for (size_t i = 0; i < depth; i++) {
      const float value = -scale * (float)(largest - input[i]) - log_sum;
      const float stored = value * 16 + 127; // 256 / 16
      output[i] = stored < INT8_MIN ? INT8_MIN : (int8_t)(int32_t)(stored < 0 ? stored - 0.5f : stored + 0.5f);
    }
  }
}
