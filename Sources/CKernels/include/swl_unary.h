// Elementwise kernels with one operand: functions of float32, table look-ups, and changes of type.
//
// Same bytes for every instruction set. An output may be the very memory of the input when the elements have the same
// size. Counts are elements.
#ifndef SWL_UNARY_H
#define SWL_UNARY_H

#include "swl_fixed_point.h"
#include "swl_isa.h"
#include <stddef.h>

typedef enum swl_unary_op {
  SWL_UNARY_CLAMP, // to p...q; NaN passes
  SWL_UNARY_ABS,
  SWL_UNARY_NEG,
  SWL_UNARY_SQUARE,
  SWL_UNARY_SQRT,
  SWL_UNARY_RSQRT,
  SWL_UNARY_EXP,
  SWL_UNARY_LOG,
  SWL_UNARY_SIN,
  SWL_UNARY_COS,
  SWL_UNARY_TANH,
  SWL_UNARY_LOGISTIC,
  SWL_UNARY_HARD_SWISH,
  SWL_UNARY_ELU,
  SWL_UNARY_GELU,
  SWL_UNARY_GELU_TANH,
  SWL_UNARY_LEAKY_RELU, // p * x for x < 0
  SWL_UNARY_FLOOR,
  SWL_UNARY_CEIL,
  SWL_UNARY_ROUND, // ties to even
  SWL_UNARY_SIGN,
} swl_unary_op;

/// A function with its two constants; most use neither.
typedef struct swl_unary {
  swl_unary_op op;
  float p, q;
} swl_unary;

/// Within 2.5 units in the last place; see elementwise_math.h.
void swl_f32_unary(swl_isa isa, swl_unary function, const float *input, float *output, size_t count);

/// The same function of one number, rounded as the kernel does.
float swl_f32_unary_value(swl_unary function, float x);

/// 1 / (1 + exp(-x)) for x in -100...100, to more than 40 bits: for tables.
double swl_logistic_f64(double x);

/// The positive number whose power `degree`, which is at least 1, is `x`, a positive one.
double swl_root_f64(float x, double degree);

/// `output[i] = table[input[i]]` for bytes; `table` has 256 entries.
void swl_lookup_u8(swl_isa isa, const uint8_t *table, const uint8_t *input, uint8_t *output, size_t count);

/// `output[i] = table[input[i]]` from bytes to 16 bits; `table` has 256 entries.
void swl_lookup_u8_u16(const uint16_t *table, const uint8_t *input, uint16_t *output, size_t count);

/// `round(x / scale) + zero_point` limited to `minimum...maximum`; halves away from zero, NaN gives the minimum.
typedef struct swl_quantize_params {
  float scale;
  int32_t zero_point, minimum, maximum;
} swl_quantize_params;

/// `output_bytes` is 1 or 2.
void swl_quantize_f32(swl_isa isa, size_t output_bytes, swl_quantize_params params, const float *input, void *output,
                      size_t count);

/// `round((limited x - minimum) / scale) * scale + minimum`; NaN gives the minimum.
typedef struct swl_fake_quantize_params {
  float minimum, maximum, scale;
} swl_fake_quantize_params;

void swl_f32_fake_quantize(swl_fake_quantize_params params, const float *input, float *output, size_t count);

/// `scale * (q - zero_point)` of int8, uint8, int16 or int32 numbers.
void swl_dequantize_i8(swl_isa isa, float scale, int32_t zero_point, const int8_t *input, float *output, size_t count);
void swl_dequantize_u8(swl_isa isa, float scale, int32_t zero_point, const uint8_t *input, float *output, size_t count);
void swl_dequantize_i16(swl_isa isa, float scale, int32_t zero_point, const int16_t *input, float *output,
                        size_t count);
void swl_dequantize_i32(float scale, int32_t zero_point, const int32_t *input, float *output, size_t count);

/// `scales[channel] * (q - zero_points[channel])` of int8, uint8 (`is_signed` false) or int16 (`input_bytes` 2), for
/// elements that belong to channel `i / inner % channels` counting `i` from the tensor's first element.
typedef struct swl_channels {
  size_t channels, inner;
  const float *scales;
  const int32_t *zero_points;
} swl_channels;

void swl_dequantize_channels(size_t input_bytes, bool is_signed, const swl_channels *channels, const void *input,
                             float *output, size_t begin, size_t end);
/// The inverse, limited to the range of the output type.
void swl_quantize_channels(size_t output_bytes, bool is_signed, const swl_channels *channels, const float *input,
                           void *output, size_t begin, size_t end);

/// `clamp(zero_point + (q - input_zero_point) * multiplier)`, rounded twice, between integers of 1, 2 or 4 bytes.
typedef struct swl_requantize_params {
  swl_multiplier multiplier;
  int32_t input_zero_point, output_zero_point, minimum, maximum;
} swl_requantize_params;

/// From int16 or int32 (`input_bytes`) to 1, 2 or 4 bytes.
void swl_requantize(swl_isa isa, size_t input_bytes, size_t output_bytes, const swl_requantize_params *params,
                    const void *input, void *output, size_t count);

/// `clamp(output_zero_point + x * (x >= 0 ? positive : negative))`, rounded twice, of int16 with zero point 0: RELU,
/// LEAKY_RELU, ABS and NEG.
typedef struct swl_i16_slopes {
  swl_multiplier positive, negative;
  int32_t minimum, maximum;
} swl_i16_slopes;

void swl_i16_slope(const swl_i16_slopes *params, const int16_t *input, int16_t *output, size_t count);

/// LOGISTIC, or TANH, of int16: the input times `multiplier / 2^shift` is a number of 1/12288; the output one of
/// 1/32768. `table` holds 65536 * logistic(i / 24) for i in 0..<256, between which the result is interpolated.
typedef struct swl_i16_sigmoid_params {
  const uint16_t *table;
  int32_t multiplier, shift;
  bool is_tanh;
} swl_i16_sigmoid_params;

void swl_i16_sigmoid(const swl_i16_sigmoid_params *params, const int16_t *input, int16_t *output, size_t count);

/// Linear interpolation in a table of 513 values at every 128th int16.
void swl_lookup_i16(const int16_t *table, const int16_t *input, int16_t *output, size_t count);

/// `trunc(sqrt(x * input_scale) / output_scale)` of int16, saturated; numbers below 0 give 0.
void swl_i16_sqrt(float input_scale, float output_scale, const int16_t *input, int16_t *output, size_t count);

/// Types that CAST knows.
typedef enum swl_cast_type {
  SWL_CAST_F32,
  SWL_CAST_F16,
  SWL_CAST_F64,
  SWL_CAST_BOOL,
  SWL_CAST_I8,
  SWL_CAST_U8,
  SWL_CAST_I16,
  SWL_CAST_U16,
  SWL_CAST_I32,
  SWL_CAST_U32,
  SWL_CAST_I64,
  SWL_CAST_COUNT,
} swl_cast_type;

/// Floats become integers by truncation, saturated, NaN giving the maximum; integers wrap around; anything but 0
/// becomes true; a float16 result is the nearest, ties to even.
void swl_cast(swl_cast_type from, swl_cast_type to, const void *input, void *output, size_t count);

#endif
