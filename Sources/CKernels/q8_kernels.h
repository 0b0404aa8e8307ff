// The 8-bit kernels of every instruction set. What is listed here is dispatched, tested and measured.
#ifndef Q8_KERNELS_H
#define Q8_KERNELS_H

#include "q8_internal.h"

#if defined(__x86_64__)
extern const swl_q8_gemm swl_q8_gemm__sse41, swl_q8_gemm__avx2, swl_q8_gemm__avxvnni, swl_q8_gemm__avx512vnni;
extern const swl_q8_gemm swl_q8_gemm_8__avx512vnni, swl_q8_gemm__amx, swl_q8_gemm_u8__amx;
extern const swl_q8_gemm swl_q16_gemm__sse41, swl_q16_gemm__avx2, swl_q16_gemm__avxvnni, swl_q16_gemm__avx512vnni;
void swl_q8_row_sums__avx512vnni(const swl_q8_tile *tile, size_t segment_bytes, int32_t *sums);
extern const swl_q8_depthwise swl_q8_depthwise__sse41, swl_q8_depthwise__avx2, swl_q8_depthwise__avxvnni,
    swl_q8_depthwise__avx512vnni;
extern const swl_q8_depthwise swl_q16_depthwise__sse41, swl_q16_depthwise__avx2, swl_q16_depthwise__avx512vnni;
#endif
#if defined(__ARM_NEON)
extern const swl_q8_gemm swl_q8_gemm__neon, swl_q16_gemm__neon;
extern const swl_q8_depthwise swl_q8_depthwise__neon, swl_q16_depthwise__neon;
#endif
#if defined(__aarch64__)
extern const swl_q8_gemm swl_q8_gemm__dotprod, swl_q8_gemm__i8mm, swl_q8_gemm_u8__i8mm;
void swl_q8_row_sums__dotprod(const swl_q8_tile *tile, size_t segment_bytes, int32_t *sums);
extern const swl_q8_depthwise swl_q8_depthwise__dotprod;
#endif

/// The kernels for `isa` and, of these, the best for the type and the output channels of a layer's groups; NULL for the
/// scalar ones.
const swl_q8_gemm *swl_q8_gemm_for(swl_isa isa, const swl_q8_layer *layer);
/// Those that packed weights were packed for. A part of a layer may be too small for what its weights were packed for.
const swl_q8_gemm *swl_q8_gemm_of(swl_isa isa, const swl_q8_layer *layer, const void *packed);
const swl_q8_depthwise *swl_q8_depthwise_for(swl_isa isa, const swl_q8_layer *layer);

/// The units begin..<end of an int8 convolution with one output pixel that sees the whole input. False, and nothing
/// done, when it is another one.
bool swl_q8_run_row(const swl_q8_gemm *gemm, const swl_q8_layer *layer, const uint8_t *packed, const uint8_t *input,
                    uint8_t *output, size_t begin, size_t end);

/// swl_q8_conv_pack for weights with other strides: of channels, and of values within a channel.
void swl_q8_conv_pack_strided(swl_isa isa, const swl_q8_layer *layer, const uint8_t *weights, size_t channel_stride,
                              size_t value_stride, const void *bias, const void *scales, void *packed);

/// swl_q8_depthwise_run with float32 outputs unless `floats` is NULL; then the layer has as many input as output
/// channels and is packed with a zero point for which the biases are the sums of the weights.
void swl_q8_depthwise_run_float(swl_isa isa, const swl_q8_layer *layer, const void *packed, const void *input,
                                void *output, void *scratch, const swl_q8_float_output *floats, size_t begin,
                                size_t end);

/// Widens `count` weights of `bits` bits, stored as `swl_q8_store_small` does, to int8 or, if `wide`, to int16.
void swl_q8_widen(swl_isa isa, const uint8_t *small, size_t count, size_t bits, bool wide, void *out);

/// The scalar convolution: rows of output (batch * out_h), straight from the definition.
size_t swl_q8_conv_packed_bytes__scalar(const swl_q8_layer *layer);
void swl_q8_conv_pack__scalar(const swl_q8_layer *layer, const void *weights, const void *bias, const void *scales,
                              void *packed);
void swl_q8_conv_run__scalar(const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                             size_t begin, size_t end);

/// The scalar depthwise convolution, in rows of output as well.
size_t swl_q8_depthwise_packed_bytes__scalar(const swl_q8_layer *layer);
void swl_q8_depthwise_pack__scalar(const swl_q8_layer *layer, const void *weights, const void *bias, const void *scales,
                                   void *packed);
void swl_q8_depthwise_run__scalar(const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                                  const swl_q8_float_output *floats, size_t begin, size_t end);

#endif
