#include "elementwise_math.h"
#include "swl_normalize.h"

#pragma STDC FP_CONTRACT OFF

void swl_f32_local_response(const swl_local_response_params *params, const float *input, float *output, size_t rows,
                            size_t depth) {
  for (size_t row = 0; row < rows; row++, input += depth, output += depth) {
    for (size_t c = 0; c < depth; c++) {
      const size_t first = c > params->radius ? c - params->radius : 0;
      const size_t behind = depth - c > params->radius ? c + params->radius : depth;
      float sum = 0;
      for (size_t i = first; i < behind; i++)
        sum += input[i] * input[i];
      output[c] = input[c] * swl_pow_f32(params->bias + params->alpha * sum, -params->beta);
    }
  }
}
