#include "elementwise_math.h"
#include "swl_unary.h"

#pragma STDC FP_CONTRACT OFF

void swl_f32_fake_quantize(swl_fake_quantize_params params, const float *input, float *output, size_t count) {
  const float inverse = 1.0f / params.scale;
  for (size_t i = 0; i < count; i++) {
    const float raised = params.minimum < input[i] ? input[i] : params.minimum;
    const float limited = raised < params.maximum ? raised : params.maximum;
    const float steps = swl_round_away_f32((limited - params.minimum) * inverse);
    output[i] = steps * params.scale + params.minimum;
  }
}
