// SVDF: a stateful filter over time, factored into a product over features and one over time.
#ifndef SWL_SVDF_H
#define SWL_SVDF_H

#include "swl_fixed_point.h"
#include <stddef.h>
#include <stdint.h>

typedef struct swl_svdf_params {
  size_t inputs, filters, memory, rank;
  /// float32 only.
  float low, high;
  /// int8 only.
  swl_multiplier feature, time;
  int32_t input_zero_point, output_zero_point;
} swl_svdf_params;

/// One step of one sequence: moves every filter's `memory` states by one, appends the product of `input` with its
/// feature weights (filters, inputs), and sums the products with its time weights (filters, memory) over `rank` filters
/// and `bias`, which may be null, into `filters / rank` outputs. All operands but the state may be unaligned.
void swl_f32_svdf(const swl_svdf_params *params, const float *input, const void *feature_weights,
                  const void *time_weights, const void *bias, float *state, float *output);

/// The same after the product with the feature weights, `features`, one for each filter; the time weights are int8
/// times `time_scale`.
void swl_hybrid_svdf(const swl_svdf_params *params, const float *features, const int8_t *time_weights, float time_scale,
                     const void *bias, float *state, float *output);

/// With int8 feature weights, int16 state and time weights, and int32 bias. Equal to TensorFlow Lite's reference
/// kernel.
void swl_i8_svdf(const swl_svdf_params *params, const int8_t *input, const void *feature_weights,
                 const void *time_weights, const void *bias, int16_t *state, int8_t *output);

#endif
