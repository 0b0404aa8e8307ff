#include "elementwise_isa.h"
#include "hybrid_kernels.h"
#include <math.h>
#include <string.h>

#define ISA_BODY "hybrid_row_variant.inc"
#include "elementwise_isa.inc"

/// The zero point that lies nearer to its exact value: that of the end of the range which is smaller in magnitude.
static int32_t zero_point(double minimum, double maximum, double scale) {
  const double from_minimum = -128.0 - minimum / scale, from_maximum = 127.0 - maximum / scale;
  const double zero = 128.0 + fabs(minimum / scale) < 127.0 + fabs(maximum / scale) ? from_minimum : from_maximum;
  if (!(zero > -128.0))
    return -128;
  return zero >= 127.0 ? 127 : (int32_t)(zero < 0 ? zero - 0.5 : zero + 0.5);
}

swl_hybrid_group swl_hybrid_quantize_row(swl_isa isa, swl_hybrid_rule rule, const float *input, size_t count,
                                         int8_t *output) {
  typedef void (*function)(const float *restrict, size_t, float, int32_t, int32_t, int8_t *restrict);
  static const function variants[] = ELEMENTWISE_VARIANTS(quantize);
  const function quantize = variants[elementwise_variant(isa)];
  float minimum, maximum;
  swl_hybrid_kernels_for(isa)->range(input, count, &minimum, &maximum);
  if (minimum == maximum) {
    memset(output, 0, count);
    return (swl_hybrid_group){.scale = 1, .zero = 0};
  }
  if (rule == SWL_HYBRID_SYMMETRIC) {
    const float largest = -minimum > maximum ? -minimum : maximum;
    quantize(input, count, 127.0f / largest, 0, -127, output);
    return (swl_hybrid_group){.scale = largest / 127.0f, .zero = 0};
  }
  const float scale = (maximum - minimum) / 255.0f;
  const int32_t zero = zero_point(minimum, maximum, scale);
  quantize(input, count, 1.0f / scale, zero, -128, output);
  return (swl_hybrid_group){.scale = scale, .zero = zero};
}
