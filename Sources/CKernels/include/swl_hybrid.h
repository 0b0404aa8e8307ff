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
// number. Every variant returns the same bits, but SSE4.1 and ARMv7, which lack the fused operation, differ in the last
// bit of the output.
//
// Use: quantize the groups into memory shared by all threads, then run ranges of output rows.
#ifndef SWL_HYBRID_H
#define SWL_HYBRID_H

#include "swl_f32.h"

/// Pixels or pictures that are quantized together. `groups` of the parameters is 1.
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
/// `weights` are [out_channels][kernel_height][kernel_width][in_channels], with zero points 0, those below 8 bits with
/// the first one in the low bits of a byte; `scales` one for each output channel, or for each block of each; `bias` may
/// be NULL. Weights and bias may stand at any address.
void swl_hybrid_pack(swl_isa isa, const swl_f32_conv_params *params, const void *weights, const float *scales,
                     const void *bias, void *packed);
/// Computes output rows [row_begin, row_end) of batches * out_height, and of them the channels [column_begin,
/// column_end). `column_begin` is a multiple of the column step; `column_end` is one or equals out_channels.
void swl_hybrid_conv(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const void *quantized,
                     float *output, void *scratch, size_t row_begin, size_t row_end, size_t column_begin,
                     size_t column_end);

#endif
