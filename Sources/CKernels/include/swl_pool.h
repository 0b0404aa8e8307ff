// Pooling: a window slides over the rows and columns of a picture (batch, height, width, channels).
//
// Cells of a window that lie outside the picture are left out: the divisor of an average counts the cells inside only.
// Every window has at least one cell inside. All variants return the same bytes; a window is summed row by row, from
// left to right.
#ifndef SWL_POOL_H
#define SWL_POOL_H

#include "swl_isa.h"
#include <stddef.h>
#include <stdint.h>

typedef struct swl_pool_params {
  size_t in_height, in_width, channels;
  size_t out_height, out_width;
  size_t filter_height, filter_width;
  size_t stride_height, stride_width;
  size_t pad_top, pad_left;
} swl_pool_params;

/// Output rows [begin, end), counted over all pictures of the batch. Results are limited to `low`...`high`; NaN stays
/// in an average and is skipped by a maximum.
void swl_f32_average_pool(swl_isa isa, const swl_pool_params *params, const float *input, float *output, size_t begin,
                          size_t end, float low, float high);
void swl_f32_max_pool(swl_isa isa, const swl_pool_params *params, const float *input, float *output, size_t begin,
                      size_t end, float low, float high);

/// The root of the mean of squares.
void swl_f32_l2_pool(const swl_pool_params *params, const float *input, float *output, size_t begin, size_t end,
                     float low, float high);

/// Averages of integers are rounded to nearest, ties away from zero.
void swl_i8_average_pool(swl_isa isa, const swl_pool_params *params, const int8_t *input, int8_t *output, size_t begin,
                         size_t end, int32_t low, int32_t high);
void swl_u8_average_pool(swl_isa isa, const swl_pool_params *params, const uint8_t *input, uint8_t *output,
                         size_t begin, size_t end, int32_t low, int32_t high);
void swl_i16_average_pool(swl_isa isa, const swl_pool_params *params, const int16_t *input, int16_t *output,
                          size_t begin, size_t end, int32_t low, int32_t high);
void swl_i8_max_pool(swl_isa isa, const swl_pool_params *params, const int8_t *input, int8_t *output, size_t begin,
                     size_t end, int32_t low, int32_t high);
void swl_u8_max_pool(swl_isa isa, const swl_pool_params *params, const uint8_t *input, uint8_t *output, size_t begin,
                     size_t end, int32_t low, int32_t high);
void swl_i16_max_pool(swl_isa isa, const swl_pool_params *params, const int16_t *input, int16_t *output, size_t begin,
                      size_t end, int32_t low, int32_t high);

#endif
