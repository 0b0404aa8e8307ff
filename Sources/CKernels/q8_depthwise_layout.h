// How packed depthwise weights are laid out: what the sizes, packing and running share.
#ifndef Q8_DEPTHWISE_LAYOUT_H
#define Q8_DEPTHWISE_LAYOUT_H

#include "q8_kernels.h"

/// Bytes of packed weights before the chunks.
enum { HEADER_BYTES = 64 };

/// With one input channel every output channel sees the same pixels: an ordinary convolution.
static inline bool is_convolution(const swl_q8_layer *layer) { return layer->in_c == 1 && layer->out_c > 1; }

static inline swl_q8_layer as_convolution(const swl_q8_layer *layer) {
  swl_q8_layer result = *layer;
  result.groups = 1;
  return result;
}

static inline size_t groups_of_taps(const swl_q8_depthwise *kernel, const swl_q8_layer *layer) {
  return swl_q8_divide_up((size_t)layer->kernel_h, kernel->taps);
}

/// The most passes that weights of this layer can need: differences up to 255 are sums of at most three int8.
static inline size_t passes_limit(const swl_q8_depthwise *kernel, const swl_q8_layer *layer) {
  if (kernel->taps == 2 || swl_q8_weight_bits(layer) < 8)
    return 1;
  const int32_t low = layer->is_unsigned ? 0 : -128;
  const int32_t least = low - layer->weight_zero_point, most = low + 255 - layer->weight_zero_point;
  if (least >= -128 && most <= 127)
    return 1;
  return most <= 254 ? 2 : 3;
}

/// Lanes of weights for one channel; the same for all chunks, whether they need all passes or not.
static inline size_t lanes_of_chunk(const swl_q8_depthwise *kernel, const swl_q8_layer *layer) {
  return swl_q8_product(swl_q8_product(groups_of_taps(kernel, layer), (size_t)layer->kernel_w),
                        passes_limit(kernel, layer));
}

/// Bytes of a chunk before its weights: the number of passes, int32 biases, scales; with int16 activations the latter
/// are float64 or multipliers and shifts of 32 bits each, and float64 biases follow.
static inline size_t header_bytes(const swl_q8_layer *layer, size_t chunk) {
  return SWL_Q8_CHUNK_HEADER + (layer->is_wide ? 20 : 8) * chunk;
}

/// Bytes of a chunk as the kernels read it.
static inline size_t chunk_bytes(const swl_q8_layer *layer, size_t chunk, size_t lanes) {
  return swl_q8_sum(header_bytes(layer, chunk), swl_q8_product(4 * chunk, lanes));
}

/// Stored weights of a chunk.
static inline size_t chunk_weights(const swl_q8_depthwise *kernel, size_t chunk, size_t lanes) {
  return swl_q8_product(kernel->taps * chunk, lanes);
}

/// Bytes of a packed chunk.
static inline size_t packed_chunk_bytes(const swl_q8_depthwise *kernel, const swl_q8_layer *layer, size_t chunk,
                                        size_t lanes) {
  const size_t bits = swl_q8_weight_bits(layer);
  if (bits == 8)
    return chunk_bytes(layer, chunk, lanes);
  return swl_q8_sum(header_bytes(layer, chunk), swl_q8_align(chunk_weights(kernel, chunk, lanes) / (8 / bits)));
}

/// The channels of the last chunk when `left` of them do not fill one.
static inline size_t last_chunk(const swl_q8_depthwise *kernel, size_t left) {
  size_t chunk = kernel->chunk;
  while (chunk > kernel->least_chunk && chunk / 2 >= left)
    chunk /= 2;
  return chunk;
}

#endif
