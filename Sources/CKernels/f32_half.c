#include "f32_kernels.h"

void swl_f16_to_f32(swl_isa isa, const void *input, float *output, size_t count) {
  swl_f32_kernels_for(isa)->half(input, output, count);
}
