// SOFTMAX, LOG_SOFTMAX and the norm of rows of `depth` elements. All variants return the same bytes.
#ifndef SWL_SOFTMAX_H
#define SWL_SOFTMAX_H

#include "swl_fixed_point.h"
#include "swl_isa.h"
#include <stddef.h>
#include <stdint.h>

/// `rows` rows: exp(beta * (x - max)) / sum. The exponentials are summed in 16 lanes.
void swl_f32_softmax(swl_isa isa, const float *input, float *output, size_t rows, size_t depth, float beta);

/// What an 8-bit softmax knows of every distance from the largest element: e^(scale * beta * -distance) as a fraction
/// of 2^31; 0 where it is too far away to count.
typedef struct swl_softmax_table {
  int32_t exponential[256];
} swl_softmax_table;

/// Fills `table`: distances are multiplied by `multiplier`, which holds beta * scale * 2^26, at least 1 and less than
/// 2^31. Distances above `farthest` count as nothing. Source: TensorFlow Lite's reference kernel, gemmlowp's exp.
void swl_softmax_prepare(swl_softmax_table *table, swl_multiplier multiplier, int32_t farthest);

/// Output scale 1/256, zero point -128 (i8) or 0 (u8). Equal to the reference kernel.
void swl_i8_softmax(swl_isa isa, const swl_softmax_table *table, const int8_t *input, int8_t *output, size_t rows,
                    size_t depth);
void swl_u8_softmax(swl_isa isa, const swl_softmax_table *table, const uint8_t *input, uint8_t *output, size_t rows,
                    size_t depth);

/// Look-up tables of the 16-bit softmax: 512 intervals, linear between their ends, with 15 fractional bits.
typedef struct swl_softmax_table16 {
  /// exp on -10...0.
  int16_t exponential[513];
  /// 1 / (1 + x) on 0...1.
  int16_t reciprocal[513];
} swl_softmax_table16;

/// Fills `table`, each entry moved by half the error of the middle of its interval.
void swl_softmax_prepare16(swl_softmax_table16 *table);

/// Output scale 1/32768, zero point 0. `multiplier` is beta * scale * 65535 / 10. Equal to the reference kernel.
void swl_i16_softmax(const swl_softmax_table16 *table, swl_multiplier multiplier, const int16_t *input, int16_t *output,
                     size_t rows, size_t depth);

#endif
