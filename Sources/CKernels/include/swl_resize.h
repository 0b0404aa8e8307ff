// Resizing of pictures (batch, height, width, channels). All variants return the same bytes.
#ifndef SWL_RESIZE_H
#define SWL_RESIZE_H

#include "swl_isa.h"
#include <stddef.h>
#include <stdint.h>

/// The two cells of an axis that an output cell lies between, and how far it is from the first towards the second:
/// `fraction` / 1024 for signed integers, / 2048 for uint8, `real` for float32.
typedef struct swl_resize_tap {
  uint32_t lower, upper;
  int32_t fraction;
  float real;
} swl_resize_tap;

typedef struct swl_resize_params {
  size_t in_height, in_width, channels;
  size_t out_height, out_width;
} swl_resize_params;

/// Output rows [begin, end), counted over all pictures; `rows` has `out_height` taps, `columns` has `out_width`.
///
/// Source of the four formulas: the reference kernels of TensorFlow Lite. uint8 is computed in float32 and cut after
/// adding 1/2; int8 and int16 are computed in integers and rounded to nearest, ties away from zero.
void swl_f32_resize_bilinear(swl_isa isa, const swl_resize_params *params, const swl_resize_tap *rows,
                             const swl_resize_tap *columns, const float *input, float *output, size_t begin,
                             size_t end);
void swl_u8_resize_bilinear(swl_isa isa, const swl_resize_params *params, const swl_resize_tap *rows,
                            const swl_resize_tap *columns, const uint8_t *input, uint8_t *output, size_t begin,
                            size_t end);
void swl_i8_resize_bilinear(swl_isa isa, const swl_resize_params *params, const swl_resize_tap *rows,
                            const swl_resize_tap *columns, const int8_t *input, int8_t *output, size_t begin,
                            size_t end);
void swl_i16_resize_bilinear(swl_isa isa, const swl_resize_params *params, const swl_resize_tap *rows,
                             const swl_resize_tap *columns, const int16_t *input, int16_t *output, size_t begin,
                             size_t end);

/// Copies cells of `cell_bytes` bytes: output row y and column x come from `rows[y]` and `columns[x]`.
void swl_resize_nearest(const swl_resize_params *params, const uint32_t *rows, const uint32_t *columns,
                        size_t cell_bytes, const void *input, void *output, size_t begin, size_t end);

#endif
