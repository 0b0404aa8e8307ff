#include "reduce_square_root.h"
#include "swl_normalize.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

typedef float lanes __attribute__((ext_vector_type(8)));

void swl_f32_l2_normalize(const float *input, float *output, size_t rows, size_t depth) {
  const size_t whole = depth - depth % 8;
  for (size_t r = 0; r < rows; r++, input += depth, output += depth) {
    lanes eight = 0, next;
    for (size_t i = 0; i < whole; i += 8) {
      memcpy(&next, input + i, sizeof next);
      eight += next * next;
    }
    if (whole < depth) {
      float lane[8];
      memcpy(lane, &eight, sizeof lane);
      for (size_t i = whole; i < depth; i++)
        lane[i - whole] += input[i] * input[i];
      memcpy(&eight, lane, sizeof lane);
    }
    const __auto_type four = eight.lo + eight.hi;
    const __auto_type two = four.lo + four.hi;
    const float norm = sqrtf(two.x + two.y), divisor = norm < 1e-6f ? 1e-6f : norm;
    for (size_t i = 0; i < whole; i += 8) {
      memcpy(&next, input + i, sizeof next);
      next /= divisor;
      memcpy(output + i, &next, sizeof next);
    }
    for (size_t i = whole; i < depth; i++)
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
