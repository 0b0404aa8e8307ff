// Hybrid kernels: float32 activations against int8 weights, in 8-bit integers.
//
// Activations are quantized while running, to int8 with a scale and a zero point for each pixel of a pointwise
// convolution (each row of a fully connected layer), and for each picture of any other convolution:
//   scale = 255 / (max - min) over the group and 0;  q = clamp(roundToNearestEven(x * scale) + zeroPoint, -128, 127)
//   zeroPoint = roundToNearestEven(clamp(min and max alike: -128 - min * scale, or 127 - max * scale if that is larger
//               in magnitude, -128, 127))
// The accumulator is the exact sum of (q - zeroPoint) * w modulo 2^32; the output is
//   clamp(fma(Float(accumulator) * (1 / scale), weightScale[c], bias[c]), minimum, maximum)
// This is the arithmetic of XNNPACK's dynamically quantized operators. A NaN among the activations counts as the lowest
// number. Every variant returns the same bits, but ARMv7, which lacks the fused operation, differs in the last bit of
// the output.
//
// Use: quantize the groups into memory shared by all threads, then run ranges of output rows.
#ifndef SWL_HYBRID_H
#define SWL_HYBRID_H

#include "swl_f32.h"
#include "swl_q8.h"

/// Pixels or pictures that are quantized together.
size_t swl_hybrid_quantization_groups(const swl_f32_conv_params *params);
/// Memory for the quantized activations, shared by all threads.
size_t swl_hybrid_quantized_bytes(swl_isa isa, const swl_f32_conv_params *params);
/// Quantizes groups [begin, end). `quantized` is aligned to 64 bytes.
void swl_hybrid_quantize(swl_isa isa, const swl_f32_conv_params *params, const float *input, void *quantized,
                         size_t begin, size_t end);

/// Columns (output channels) that one panel holds at most: split columns at multiples of it.
size_t swl_hybrid_column_step(swl_isa isa);
size_t swl_hybrid_packed_bytes(swl_isa isa, const swl_f32_conv_params *params);
/// Scratch that one thread needs, 0 for pointwise convolutions.
size_t swl_hybrid_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params);
/// `weights` are [out_channels][kernel_height][kernel_width][in_channels / groups], with zero points 0, those below 8
/// bits with the first one in the low bits of a byte; `scales` one for each output channel, or for each block of each;
/// `bias` may be NULL. Weights and bias may stand at any address.
void swl_hybrid_pack(swl_isa isa, const swl_f32_conv_params *params, const void *weights, const float *scales,
                     const void *bias, void *packed);
/// Computes output rows [row_begin, row_end) of batches * out_height, and of them the channels [column_begin,
/// column_end), which are all of them unless there is one group. `column_begin` is a multiple of the column step;
/// `column_end` is one or equals out_channels.
void swl_hybrid_conv(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const void *quantized,
                     float *output, void *scratch, size_t row_begin, size_t row_end, size_t column_begin,
                     size_t column_end);

/// Quantizes and computes a layer that is one row, pointwise and in one group, with weights of 8 bits and one scale for
/// each output channel. False, and nothing done, for other layers.
bool swl_hybrid_run_row(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const float *input,
                        void *quantized, float *output);

/// How a row of float32 numbers, or a whole picture, becomes int8: q = round(x / scale) + zero, halves away from 0.
typedef enum swl_hybrid_rule {
  /// scale = the largest magnitude / 127, zero = 0, q within -127...127.
  SWL_HYBRID_SYMMETRIC,
  /// scale = (max - min) / 255 over the row and 0; zero is the nearest integer to -128 - min / scale, or to
  /// 127 - max / scale if max is smaller in magnitude. These are the rules of TensorFlow Lite's own hybrid kernels.
  SWL_HYBRID_ASYMMETRIC,
} swl_hybrid_rule;

/// One group of activations that share a scale.
typedef struct swl_hybrid_group {
  /// Real difference of two neighbouring quantized numbers.
  float scale;
  /// The stored number that stands for 0.
  int32_t zero;
} swl_hybrid_group;

/// Quantizes `count` numbers. A NaN becomes the lowest number. Every variant returns the same bytes.
swl_hybrid_group swl_hybrid_quantize_row(swl_isa isa, swl_hybrid_rule rule, const float *input, size_t count,
                                         int8_t *output);

/// result += matrix * vector for a matrix of int8 weights, (rows, depth), that stays so in packed memory: the vector is
/// quantized by `rule`, and each result grows by Float(sum of (q - zero) * w) * (scale * weightScale[row]), as in
/// TensorFlow Lite's recurrent kernels. Every variant returns the same bits.
size_t swl_hybrid_matrix_packed_bytes(size_t rows, size_t depth);
size_t swl_hybrid_matrix_scratch_bytes(size_t rows, size_t depth);
/// Packs rows first..<first + count, which share a scale and may stand at any address, into memory that was zero.
void swl_hybrid_matrix_pack(size_t rows, size_t depth, size_t first, size_t count, const void *weights, float scale,
                            void *packed);
/// `packed` and `scratch` are aligned to 64 bytes.
void swl_hybrid_matrix_add(swl_isa isa, swl_hybrid_rule rule, size_t rows, size_t depth, const void *packed,
                           const float *vector, float *result, void *scratch);

typedef struct swl_hybrid_limits {
  float minimum, maximum;
} swl_hybrid_limits;

/// Depthwise convolution as in `swl_q8.h`, each picture quantized by the asymmetric rule, weights symmetric: outputs
/// are clamp(Float(sum of (q - zero) * w) * weightScale[c] * scale + bias[c], minimum, maximum), the arithmetic of
/// LiteRT's default. Every variant returns the same bits. Of the layer, quantization and bounds are not used. Weights
/// of 4 and 2 bits stay that small.
size_t swl_hybrid_depthwise_quantized_bytes(const swl_q8_layer *layer);
/// Quantizes the pictures begin..<end of the batch. `quantized` is aligned to 64 bytes.
void swl_hybrid_depthwise_quantize(swl_isa isa, const swl_q8_layer *layer, const float *input, void *quantized,
                                   size_t begin, size_t end);
size_t swl_hybrid_depthwise_packed_bytes(swl_isa isa, const swl_q8_layer *layer);
size_t swl_hybrid_depthwise_scratch_bytes(swl_isa isa, const swl_q8_layer *layer);
/// One scale for each output channel; `bias` is float32 or NULL. Weights and bias may stand at any address.
void swl_hybrid_depthwise_pack(swl_isa isa, const swl_q8_layer *layer, const void *weights, const float *scales,
                               const void *bias, void *packed);
/// Rows of output begin..<end of batch * out_h.
void swl_hybrid_depthwise_run(swl_isa isa, const swl_q8_layer *layer, swl_hybrid_limits limits, const void *packed,
                              const void *quantized, float *output, void *scratch, size_t begin, size_t end);

#endif
