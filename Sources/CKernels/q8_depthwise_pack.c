// Weights of 8-bit depthwise convolutions in the order in which the kernels read them.
#include "q8_depthwise_layout.h"

static int32_t weight_at(const swl_q8_layer *layer, const uint8_t *weights, size_t y, size_t x, size_t channel) {
  const size_t index = (y * (size_t)layer->kernel_w + x) * (size_t)layer->out_c + channel;
  return swl_q8_weight(layer, weights, index) - layer->weight_zero_point;
}

/// One of the numbers, each an int8, whose sum over all passes is `value`.
static int32_t part_of(int32_t value, size_t pass) {
  for (size_t i = 0;; i++) {
    const int32_t part = value < -128 ? -128 : value > 127 ? 127 : value;
    if (i == pass)
      return part;
    value -= part;
  }
}

/// The passes that the channels first..<last need.
static size_t passes_needed(const swl_q8_depthwise *kernel, const swl_q8_layer *layer, const uint8_t *weights,
                            size_t first, size_t last) {
  if (passes_limit(kernel, layer) == 1)
    return 1;
  const uint8_t flip = layer->is_unsigned ? 0 : 0x80;
  uint8_t low = 255, high = 0;
  for (size_t tap = 0; tap < (size_t)layer->kernel_h * (size_t)layer->kernel_w; tap++) {
    const uint8_t *row = weights + tap * (size_t)layer->out_c;
    for (size_t channel = first; channel < last; channel++) {
      const uint8_t w = row[channel] ^ flip;
      low = w < low ? w : low;
      high = w > high ? w : high;
    }
  }
  const int32_t zero = layer->weight_zero_point + (layer->is_unsigned ? 0 : 128);
  const int32_t least = low - zero, most = high - zero;
  return least >= -128 && most <= 127 ? 1 : most <= 254 ? 2 : 3;
}

/// The channel that stands at `index` of a chunk; see q8_depthwise_body.h.
static size_t channel_at(const swl_q8_layer *layer, size_t chunk, size_t index) {
  const size_t lanes = chunk / 4;
  if (layer->is_wide)
    return index / (2 * lanes) * (2 * lanes) + index % lanes / 4 * 8 + index / lanes % 2 * 4 + index % 4;
  return index % lanes / 4 * 16 + index / lanes * 4 + index % 4;
}

/// Stores weight `index` of `count` of a chunk.
static void store_weight(const swl_q8_depthwise *kernel, const swl_q8_layer *layer, uint8_t *out, size_t index,
                         size_t count, int32_t value) {
  const size_t bits = swl_q8_weight_bits(layer);
  const int16_t wide = (int16_t)value;
  if (bits < 8)
    swl_q8_store_small(out, index, count, bits, value);
  else if (kernel->taps == 2)
    memcpy(out + 2 * index, &wide, sizeof wide);
  else
    out[index] = (uint8_t)value;
}

/// Bias and scale of the channel at `index`; `correction` is added to the bias of 8-bit layers.
static void pack_channel(const swl_q8_layer *layer, const void *bias, const void *scales, size_t channel, size_t chunk,
                         size_t index, uint32_t correction, bool is_short, uint8_t *header) {
  const bool exists = channel < (size_t)layer->out_c;
  const int64_t whole = exists ? swl_q8_bias(layer, bias, channel) : 0;
  const uint32_t value = layer->is_wide && !is_short ? 0 : correction + (uint32_t)whole;
  memcpy(header + 4 * index, &value, 4);
  if (layer->is_wide) {
    double scale = 0;
    if (exists)
      memcpy(&scale, (const double *)scales + channel, sizeof scale);
    swl_q8_store_scale(header + 4 * chunk, index, chunk, scale, is_short);
    const double wide_bias = (double)whole;
    memcpy(header + 12 * chunk + 8 * index, &wide_bias, 8);
  } else {
    const float scale = exists ? ((const float *)scales)[channel] : 0;
    memcpy(header + 4 * (chunk + index), &scale, 4);
  }
}

enum { MOST_PASSES = 3, MOST_LANES = 64 };

/// What layers of bytes look up: how much of each weight every pass takes, and which channel stands where in a chunk.
typedef struct byte_tables {
  int8_t parts[MOST_PASSES][256];
  uint8_t channels[MOST_LANES];
  size_t chunk;
} byte_tables;

static bool has_byte_tables(const swl_q8_depthwise *kernel, const swl_q8_layer *layer) {
  return kernel->taps == 4 && !kernel->planar && !layer->is_wide && swl_q8_weight_bits(layer) == 8 &&
         kernel->chunk <= MOST_LANES;
}

static void fill_parts(const swl_q8_layer *layer, size_t passes, byte_tables *tables) {
  for (int32_t byte = 0; byte < 256; byte++) {
    const int32_t weight = (layer->is_unsigned ? byte : (int8_t)byte) - layer->weight_zero_point;
    for (size_t pass = 0; pass < passes; pass++)
      tables->parts[pass][byte] = (int8_t)part_of(weight, pass);
  }
}

static void fill_channels(const swl_q8_layer *layer, size_t chunk, byte_tables *tables) {
  for (size_t index = 0; index < chunk && tables->chunk != chunk; index++)
    tables->channels[index] = (uint8_t)channel_at(layer, chunk, index);
  tables->chunk = chunk;
}

/// The weights of one chunk, of which `channels` exist, and their sums, by places in the chunk.
static void pack_bytes(const swl_q8_layer *layer, const byte_tables *tables, const uint8_t *weights, size_t channels,
                       size_t chunk, size_t passes, uint8_t *out, int32_t *sums) {
  const size_t height = (size_t)layer->kernel_h, width = (size_t)layer->kernel_w, stride = (size_t)layer->out_c;
  for (size_t pass = 0; pass < passes; pass++) {
    const int8_t *parts = tables->parts[pass];
    for (size_t x = 0; x < width; x++) {
      for (size_t y = 0; y < height; y += 4) {
        const size_t taps = height - y < 4 ? height - y : 4;
        const uint8_t *column = weights + (y * width + x) * stride;
        for (size_t index = 0; index < chunk; index++, out += 4) {
          const size_t channel = tables->channels[index];
          int8_t lane[4] = {0, 0, 0, 0};
          for (size_t t = 0; t < taps && channel < channels; t++) {
            lane[t] = parts[column[t * width * stride + channel]];
            sums[index] += lane[t];
          }
          memcpy(out, lane, sizeof lane);
        }
      }
    }
  }
}

static void pack_chunk(const swl_q8_depthwise *kernel, const swl_q8_layer *layer, const uint8_t *weights,
                       const void *bias, const void *scales, size_t first, size_t chunk, bool is_short,
                       byte_tables *tables, uint8_t *out) {
  const size_t taps = kernel->taps, groups = groups_of_taps(kernel, layer);
  const size_t height = (size_t)layer->kernel_h, width = (size_t)layer->kernel_w;
  const int32_t shift = kernel->unsigned_activations ? (layer->is_unsigned ? 0 : 128) : (layer->is_unsigned ? -128 : 0);
  const int32_t za = layer->input_zero_point + shift;
  const size_t last = first + chunk < (size_t)layer->out_c ? first + chunk : (size_t)layer->out_c;
  const size_t passes = passes_needed(kernel, layer, weights, first, last);
  const uint32_t header = (uint32_t)passes;
  memcpy(out, &header, sizeof header);
  uint8_t *const packed_weights = out + header_bytes(layer, chunk);
  const size_t all = chunk_weights(kernel, chunk, lanes_of_chunk(kernel, layer));
  if (swl_q8_weight_bits(layer) < 8)
    memset(packed_weights, 0, all * swl_q8_weight_bits(layer) / 8);
  out += SWL_Q8_CHUNK_HEADER;
  if (tables != NULL) {
    int32_t sums[MOST_LANES] = {0};
    fill_channels(layer, chunk, tables);
    pack_bytes(layer, tables, weights + first, last - first, chunk, passes, packed_weights, sums);
    for (size_t index = 0; index < chunk; index++)
      pack_channel(layer, bias, scales, first + tables->channels[index], chunk, index,
                   0u - (uint32_t)za * (uint32_t)sums[index], is_short, out);
    return;
  }
  for (size_t index = 0; index < chunk; index++) {
    const size_t channel = first + channel_at(layer, chunk, index);
    const bool exists = channel < (size_t)layer->out_c;
    int32_t sum = 0;
    size_t lane = taps * index;
    for (size_t pass = 0; pass < passes; pass++) {
      for (size_t x = 0; x < width; x++) {
        for (size_t g = 0; g < groups; g++, lane += taps * chunk) {
          int32_t v[4] = {0, 0, 0, 0};
          for (size_t t = 0; t < taps && exists && g * taps + t < height; t++) {
            const int32_t w = weight_at(layer, weights, g * taps + t, x, channel);
            v[t] = taps == 2 ? w : part_of(w, pass);
            sum += v[t];
          }
          const size_t planar = kernel->planar, at = planar > 0 ? lane - index % planar : lane;
          for (size_t t = 0; t < taps; t++)
            store_weight(kernel, layer, packed_weights, at + t * (planar > 0 ? planar : 1), all, v[t]);
        }
      }
    }
    pack_channel(layer, bias, scales, channel, chunk, index, 0u - (uint32_t)za * (uint32_t)sum, is_short, out);
  }
}

/// How sums of a layer on int16 are computed and requantized. The scalar variant serves every instruction set when they
/// may leave the range of int32.
static uint32_t wide_flag(const swl_q8_depthwise *kernel, const swl_q8_layer *layer, const uint8_t *weights,
                          const void *bias, const void *scales) {
  bool is_short = kernel->short_scales && swl_q8_all_short(layer, scales);
  for (size_t c = 0; c < (size_t)layer->out_c; c++) {
    uint64_t magnitudes = 0;
    for (size_t y = 0; y < (size_t)layer->kernel_h; y++) {
      for (size_t x = 0; x < (size_t)layer->kernel_w; x++) {
        const int32_t w = weight_at(layer, weights, y, x, c);
        magnitudes += (uint64_t)(w < 0 ? -w : w);
      }
    }
    if (!swl_q8_fits_int32(magnitudes, 0))
      return SWL_Q8_LONG;
    is_short = is_short && swl_q8_fits_int32(magnitudes, swl_q8_bias(layer, bias, c));
  }
  return is_short ? SWL_Q8_SHORT : 0;
}

void swl_q8_depthwise_pack(swl_isa isa, const swl_q8_layer *layer, const void *weights, const void *bias,
                           const void *scales, void *packed) {
  const swl_q8_depthwise *kernel = swl_q8_depthwise_for(isa, layer);
  if (kernel == NULL) {
    swl_q8_depthwise_pack__scalar(layer, weights, bias, scales, packed);
    return;
  }
  if (is_convolution(layer)) {
    const swl_q8_layer convolution = as_convolution(layer);
    swl_q8_conv_pack_strided(isa, &convolution, weights, 1, (size_t)layer->out_c, bias, scales, packed);
    return;
  }
  uint32_t flag = 0;
  if (layer->is_wide) {
    flag = wide_flag(kernel, layer, weights, bias, scales);
  } else {
    for (int32_t c = 0; c < layer->out_c; c++) {
      const float scale = ((const float *)scales)[c];
      flag |= !(scale < 1 && scale > -1);
    }
  }
  memcpy(packed, &flag, sizeof flag);
  uint8_t *out = (uint8_t *)packed + HEADER_BYTES;
  if (layer->is_wide && flag == SWL_Q8_LONG) {
    swl_q8_depthwise_pack__scalar(layer, weights, bias, scales, out);
    return;
  }
  const size_t lanes = lanes_of_chunk(kernel, layer);
  byte_tables tables, *const used = has_byte_tables(kernel, layer) ? &tables : NULL;
  tables.chunk = 0;
  if (used != NULL)
    fill_parts(layer, passes_limit(kernel, layer), used);
  for (size_t first = 0; first < (size_t)layer->out_c; first += kernel->chunk) {
    const size_t left = (size_t)layer->out_c - first, chunk = last_chunk(kernel, left);
    pack_chunk(kernel, layer, weights, bias, scales, first, chunk, layer->is_wide && flag == SWL_Q8_SHORT, used, out);
    out += packed_chunk_bytes(kernel, layer, chunk, lanes);
  }
}
