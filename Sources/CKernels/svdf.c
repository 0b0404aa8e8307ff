#include "swl_svdf.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF

static float load_f32(const void *base, size_t index) {
  float value;
  memcpy(&value, (const unsigned char *)base + index * sizeof value, sizeof value);
  return value;
}

static int32_t load_i32(const void *base, size_t index) {
  int32_t value;
  memcpy(&value, (const unsigned char *)base + index * sizeof value, sizeof value);
  return value;
}

static int16_t load_i16(const void *base, size_t index) {
  int16_t value;
  memcpy(&value, (const unsigned char *)base + index * sizeof value, sizeof value);
  return value;
}

/// Four partial sums, so that the additions do not wait for each other.
static float dot(const float *vector, const void *weights, size_t first, size_t count) {
  float lane[4] = {0};
  for (size_t i = 0; i < count; i++)
    lane[i % 4] += vector[i] * load_f32(weights, first + i);
  return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

/// The same with int8 weights, each times `scale`.
static float dot_scaled(const float *vector, const int8_t *weights, float scale, size_t count) {
  float lane[4] = {0};
  for (size_t i = 0; i < count; i++)
    lane[i % 4] += vector[i] * ((float)weights[i] * scale);
  return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

void swl_f32_svdf(const swl_svdf_params *p, const float *input, const void *feature_weights, const void *time_weights,
                  const void *bias, float *state, float *output) {
  for (size_t unit = 0; unit < p->filters / p->rank; unit++) {
    float sum = bias ? load_f32(bias, unit) : 0;
    for (size_t f = unit * p->rank; f < (unit + 1) * p->rank; f++) {
      float *memory = state + f * p->memory;
      memmove(memory, memory + 1, (p->memory - 1) * sizeof *memory);
      memory[p->memory - 1] = dot(input, feature_weights, f * p->inputs, p->inputs);
      sum += dot(memory, time_weights, f * p->memory, p->memory);
    }
    const float raised = sum < p->low ? p->low : sum;
    output[unit] = p->high < raised ? p->high : raised;
  }
}

void swl_hybrid_svdf(const swl_svdf_params *p, const float *features, const int8_t *time_weights, float time_scale,
                     const void *bias, float *state, float *output) {
  for (size_t unit = 0; unit < p->filters / p->rank; unit++) {
    float sum = bias ? load_f32(bias, unit) : 0;
    for (size_t f = unit * p->rank; f < (unit + 1) * p->rank; f++) {
      float *memory = state + f * p->memory;
      memmove(memory, memory + 1, (p->memory - 1) * sizeof *memory);
      memory[p->memory - 1] = features[f];
      sum += dot_scaled(memory, time_weights + f * p->memory, time_scale, p->memory);
    }
    const float raised = sum < p->low ? p->low : sum;
    output[unit] = p->high < raised ? p->high : raised;
  }
}

void swl_i8_svdf(const swl_svdf_params *p, const int8_t *input, const void *feature_weights, const void *time_weights,
                 const void *bias, int16_t *state, int8_t *output) {
  const int8_t *features = feature_weights;
  for (size_t unit = 0; unit < p->filters / p->rank; unit++) {
    int64_t sum = bias ? load_i32(bias, unit) : 0;
    for (size_t f = unit * p->rank; f < (unit + 1) * p->rank; f++) {
      int16_t *memory = state + f * p->memory;
      memmove(memory, memory + 1, (p->memory - 1) * sizeof *memory);
      int32_t feature = 0;
      for (size_t i = 0; i < p->inputs; i++)
        feature += features[f * p->inputs + i] * (input[i] - p->input_zero_point);
      memory[p->memory - 1] =
          (int16_t)swl_clamp_i32(swl_multiply_double_rounding(feature, p->feature), INT16_MIN, INT16_MAX);
      for (size_t i = 0; i < p->memory; i++)
        sum += memory[i] * load_i16(time_weights, f * p->memory + i);
    }
    const int64_t scaled = (int64_t)swl_multiply_double_rounding(swl_saturate_i32(sum), p->time) + p->output_zero_point;
    output[unit] = (int8_t)swl_clamp_i32(swl_saturate_i32(scaled), INT8_MIN, INT8_MAX);
  }
}
