// LOG_SOFTMAX, L2_NORMALIZATION and LOCAL_RESPONSE_NORMALIZATION of rows of `depth` elements. The same bytes on every
// instruction set.
#ifndef SWL_NORMALIZE_H
#define SWL_NORMALIZE_H

#include <stddef.h>
#include <stdint.h>

/// x - max - log(sum(exp(x - max))).
void swl_f32_log_softmax(const float *input, float *output, size_t rows, size_t depth);

/// The same with output scale 16/256 and zero point 127, computed in floating point and rounded; at most one unit from
/// TensorFlow Lite's reference kernel.
void swl_i8_log_softmax(float scale, const int8_t *input, int8_t *output, size_t rows, size_t depth);

/// x / max(sqrt(sum(x^2)), 1e-6).
void swl_f32_l2_normalize(const float *input, float *output, size_t rows, size_t depth);

/// Output scale 1/128, zero point 0 (i8) or 128 (u8). Rows of fewer than 2^15 elements.
void swl_i8_l2_normalize(int32_t zero_point, const int8_t *input, int8_t *output, size_t rows, size_t depth);
void swl_u8_l2_normalize(int32_t zero_point, const uint8_t *input, uint8_t *output, size_t rows, size_t depth);

typedef struct swl_local_response_params {
  /// The neighbours that count: as many before, and one fewer behind, as TensorFlow Lite has it.
  size_t radius;
  float bias, alpha, beta;
} swl_local_response_params;

/// x / (bias + alpha * sum(neighbours^2))^beta, over each row by itself.
void swl_f32_local_response(const swl_local_response_params *params, const float *input, float *output, size_t rows,
                            size_t depth);

#endif
