#include "reduce_square_root.h"
#include "swl_normalize.h"
#include <math.h>

#pragma STDC FP_CONTRACT OFF

void swl_f32_l2_normalize(const float *input, float *output, size_t rows, size_t depth) {
  for (size_t r = 0; r < rows; r++, input += depth, output += depth) {
    float lane[8] = {0};
    size_t done = 0;
    for (; depth - done >= 8; done += 8)
      for (size_t l = 0; l < 8; l++)
        lane[l] += input[done + l] * input[done + l];
    for (size_t i = done; i < depth; i++)
      lane[i % 8] += input[i] * input[i];
    for (size_t width = 4; width > 0; width /= 2)
      for (size_t l = 0; l < width; l++)
        lane[l] += lane[l + width];
    const float norm = sqrtf(lane[0]), divisor = norm < 1e-6f ? 1e-6f : norm;
    for (size_t i = 0; i < depth; i++)
      output[i] = input[i] / divisor;
  }
}

#define NORMALIZE(name, type, offset, low, high, SCALED)                                                               \
  void name(int32_t zero_point, const type *input, type *output, size_t rows, size_t depth) {                          \
    for (size_t r = 0; r < rows; r++, input += depth, output += depth) {                                               \
      int32_t sum = 0;                                                                                                 \
      for (size_t i = 0; i < depth; i++)                                                                               \
        sum += (input[i] - zero_point) * (input[i] - zero_point);                                                      \
      const swl_multiplier inverse = swl_inverse_square_root(sum);                                                     \
      for (size_t i = 0; i < depth; i++)                                                                               \
        output[i] = (type)swl_clamp_i32(SCALED(input[i] - zero_point) + offset, low, high);                            \
    }                                                                                                                  \
  }

#define SCALED_MULTIPLIER(x) swl_multiply_double_rounding(x, (swl_multiplier){inverse.multiplier, inverse.shift + 7})
#define SCALED_ELEMENT(x) swl_multiply_double_rounding(128 * (x), inverse)
NORMALIZE(swl_i8_l2_normalize, int8_t, 0, INT8_MIN, INT8_MAX, SCALED_MULTIPLIER)
NORMALIZE(swl_u8_l2_normalize, uint8_t, 128, 0, UINT8_MAX, SCALED_ELEMENT)
