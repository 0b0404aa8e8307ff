// Weights of 8-bit convolutions in the order in which the tiles read them.
#include "q8_conv_plan.h"
#include "transpose_words.h"

/// Weights in the file's order: the first one's index, `channel_stride` from one output channel to the next,
/// `value_stride` from one value of a channel to the next.
typedef struct source {
  const uint8_t *weights;
  size_t first, channel_stride, value_stride;
} source;

/// Stores number `index` of a panel's weights.
static void store_weight(const swl_q8_plan *p, uint8_t *out, size_t index, int32_t value) {
  const size_t bits = swl_q8_weight_bits(&p->layer);
  const int16_t wide = (int16_t)value;
  if (bits < 8)
    swl_q8_store_small(out, index, p->panel_weights, bits, value);
  else if (p->gemm->wide)
    memcpy(out + 2 * index, &wide, 2);
  else
    out[index] = (uint8_t)value;
}

/// The weights of one panel, and their sum for each channel.
static void pack_panel(const swl_q8_plan *p, source from, size_t channels, uint8_t *out, int32_t *sums) {
  const size_t lanes = p->gemm->lanes, values = p->gemm->step / p->element;
  const int32_t shift = swl_q8_plan_weight_shift(p);
  memset(sums, 0, lanes * sizeof *sums);
  memset(out, 0, p->packed_panel_bytes - lanes * SWL_Q8_PANEL_HEADER(p->gemm->wide_output));
  size_t first = 0;
  for (size_t s = 0; s < p->segments; s++) {
    for (size_t k = 0; k < p->segment_values; k += values, first += values * lanes) {
      const size_t count = p->segment_values - k < values ? p->segment_values - k : values;
      for (size_t c = 0; c < channels; c++) {
        size_t w = from.first + c * from.channel_stride + (s * p->segment_values + k) * from.value_stride;
        for (size_t i = 0; i < count; i++, w += from.value_stride) {
          const int32_t value = swl_q8_weight(&p->layer, from.weights, w) + shift;
          sums[c] += value;
          store_weight(p, out, first + (p->gemm->planar ? i * lanes + c : values * c + i), value);
        }
      }
    }
  }
}

static uint64_t load_word(const uint8_t *w) {
  uint64_t word;
  memcpy(&word, w, sizeof word);
  return word;
}

/// The sum of int8 that are stored with `flip` in each byte: eight at a time, 128 more than each, in halves of 16 bits.
static int32_t sum_of_bytes(const uint8_t *w, size_t count, uint64_t flip) {
  enum { MOST = 128 };
  const uint64_t even = 0x00ff00ff00ff00ffu, raised = flip ^ 0x8080808080808080u;
  uint32_t sum = 0u - 128u * (uint32_t)count;
  size_t i = 0;
  while (i + 8 <= count) {
    const size_t end = count - i > 8 * MOST ? i + 8 * MOST : i + (count - i) / 8 * 8;
    uint64_t halves = 0;
    for (; i < end; i += 8) {
      const uint64_t word = load_word(w + i) ^ raised;
      halves += (word & even) + (word >> 8 & even);
    }
    for (; halves != 0; halves >>= 16)
      sum += (uint32_t)(halves & 0xffff);
  }
  for (; i < count; i++)
    sum += (uint8_t)(w[i] ^ (uint8_t)raised);
  return (int32_t)sum;
}

/// `count` steps of four or eight bytes of each channel.
static void pack_steps(const uint8_t *from, size_t stride, size_t channels, size_t step, size_t count, uint64_t flip,
                       uint8_t *out, size_t row) {
  size_t c = 0;
  for (; step == 4 && c + 4 <= channels; c += 4, from += 4 * stride, out += 16) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
      swl_transpose_words(from + 4 * i, stride, (uint32_t)flip, out + i * row, row);
    for (; i < count; i++) {
      for (size_t k = 0; k < 4; k++) {
        const uint32_t word = (uint32_t)swl_q8_load32(from + k * stride + 4 * i) ^ (uint32_t)flip;
        memcpy(out + i * row + 4 * k, &word, sizeof word);
      }
    }
  }
  for (; c < channels; c++, from += stride, out += step) {
    for (size_t i = 0; i < count; i++) {
      if (step == 4) {
        const uint32_t word = (uint32_t)swl_q8_load32(from + 4 * i) ^ (uint32_t)flip;
        memcpy(out + i * row, &word, sizeof word);
      } else {
        const uint64_t word = load_word(from + 8 * i) ^ flip;
        memcpy(out + i * row, &word, sizeof word);
      }
    }
  }
}

/// Bytes from consecutive values: whole steps are flipped and copied.
static void pack_panel_of_bytes(const swl_q8_plan *p, source from, size_t channels, uint8_t *out, int32_t *sums) {
  const size_t lanes = p->gemm->lanes, step = p->gemm->step;
  const size_t whole = p->segment_values / step, rest = p->segment_values % step;
  const uint64_t flip = swl_q8_plan_weight_shift(p) != 0 ? 0x8080808080808080u : 0;
  if (channels < lanes)
    memset(out, 0, 4 * lanes * p->segments * p->segment_lanes);
  for (size_t c = 0; c < channels; c++) {
    const uint8_t *w = from.weights + from.first + c * from.channel_stride;
    sums[c] = sum_of_bytes(w, p->segments * p->segment_values, flip);
  }
  for (size_t s = 0; s < p->segments; s++) {
    const uint8_t *segment = from.weights + from.first + s * p->segment_values;
    pack_steps(segment, from.channel_stride, channels, step, whole, flip, out, step * lanes);
    out += whole * step * lanes;
    segment += whole * step;
    if (rest > 0) {
      for (size_t c = 0; c < channels; c++) {
        uint64_t word = 0;
        memcpy(&word, segment + c * from.channel_stride, rest);
        word ^= flip & (((uint64_t)1 << 8 * rest) - 1);
        memcpy(out + step * c, &word, step);
      }
      out += step * lanes;
    }
  }
}

/// int16 from consecutive values, the two of a lane side by side.
static void pack_panel_of_words(const swl_q8_plan *p, source from, size_t channels, uint8_t *out) {
  const size_t lanes = p->gemm->lanes, whole = p->segment_values / 2;
  const int32_t shift = swl_q8_plan_weight_shift(p);
  const uint8_t flip = p->layer.is_unsigned ? 0x80 : 0;
  const int32_t moved = shift + (p->layer.is_unsigned ? 128 : 0);
  if (channels < lanes || whole != p->segment_lanes)
    memset(out, 0, 4 * lanes * p->segments * p->segment_lanes);
  for (size_t c = 0; c < channels; c++) {
    const uint8_t *w = from.weights + from.first + c * from.channel_stride;
    uint8_t *lane = out + 4 * c;
    for (size_t s = 0; s < p->segments; s++) {
      for (size_t k = 0; k < whole; k++, w += 2, lane += 4 * lanes) {
        const int16_t words[2] = {(int16_t)((int8_t)(w[0] ^ flip) + moved), (int16_t)((int8_t)(w[1] ^ flip) + moved)};
        memcpy(lane, words, 4);
      }
      if (whole != p->segment_lanes) {
        const int16_t word = (int16_t)((int8_t)(w[0] ^ flip) + moved);
        memcpy(lane, &word, 2);
        w++;
        lane += 4 * lanes;
      }
    }
  }
}

void swl_q8_conv_pack(swl_isa isa, const swl_q8_layer *layer, const void *weights, const void *bias, const void *scales,
                      void *packed) {
  if (swl_q8_gemm_for(isa, layer) == NULL) {
    swl_q8_conv_pack__scalar(layer, weights, bias, scales, packed);
    return;
  }
  const size_t depth = (size_t)layer->kernel_h * (size_t)layer->kernel_w * (size_t)(layer->in_c / layer->groups);
  swl_q8_conv_pack_strided(isa, layer, weights, depth, 1, bias, scales, packed);
}

/// Biases and scales of the panel that begins with `channel`. `sums` are of its weights.
static void pack_header(const swl_q8_plan *p, size_t channel, size_t channels, const void *bias, const float *scales,
                        const int32_t *sums, uint8_t *panel) {
  const size_t lanes = p->gemm->lanes, depth = p->segments * p->segment_values;
  const int32_t za = p->layer.input_zero_point + swl_q8_plan_band_shift(p),
                zw = p->layer.weight_zero_point + swl_q8_plan_weight_shift(p);
  for (size_t c = 0; c < lanes; c++) {
    uint32_t value =
        c < channels && bias != NULL ? (uint32_t)swl_q8_load32((const uint8_t *)bias + 4 * (channel + c)) : 0;
    value += (uint32_t)depth * (uint32_t)za * (uint32_t)zw - (uint32_t)za * (uint32_t)sums[c];
    const float scale = c < channels ? scales[channel + c] : 0;
    memcpy(panel + 4 * c, &value, 4);
    memcpy(panel + 4 * lanes + 4 * c, &scale, 4);
  }
}

/// The same for int16.
static void pack_wide_header(const swl_q8_plan *p, size_t channel, size_t channels, const void *bias,
                             const double *scales, bool is_short, uint8_t *panel) {
  const size_t lanes = p->gemm->lanes;
  for (size_t c = 0; c < lanes; c++) {
    const int64_t value = c < channels ? swl_q8_bias(&p->layer, bias, channel + c) : 0;
    const int32_t low = is_short ? (int32_t)value : 0;
    const double whole = (double)value;
    double scale = 0;
    if (c < channels)
      memcpy(&scale, scales + channel + c, sizeof scale);
    memcpy(panel + 4 * c, &low, 4);
    swl_q8_store_scale(panel + 4 * lanes, c, lanes, scale, is_short);
    memcpy(panel + 12 * lanes + 8 * c, &whole, 8);
  }
}

/// How sums of a layer on int16 are computed and requantized.
static uint32_t wide_flag(const swl_q8_plan *p, source from, const void *bias, const void *scales) {
  const size_t depth = p->segments * p->segment_values;
  bool is_short = p->gemm->short_scales && swl_q8_all_short(&p->layer, scales);
  for (size_t c = 0; c < (size_t)p->layer.out_c; c++) {
    uint64_t magnitudes = 0;
    for (size_t i = 0; i < depth; i++) {
      const int32_t w = swl_q8_weight(&p->layer, from.weights, c * from.channel_stride + i * from.value_stride);
      magnitudes += (uint64_t)(w < 0 ? -w : w);
    }
    if (!swl_q8_fits_int32(magnitudes, 0))
      return SWL_Q8_LONG;
    is_short = is_short && swl_q8_fits_int32(magnitudes, swl_q8_bias(&p->layer, bias, c));
  }
  return is_short ? SWL_Q8_SHORT : 0;
}

/// What stands at the start of packed weights: whether products with scales may leave the range of int32; with int16
/// activations what `wide_flag` says.
static uint32_t pack_flag(const swl_q8_plan *p, source from, const void *bias, const void *scales, void *packed) {
  uint32_t flag = 0;
  if (p->gemm->wide_output) {
    flag = wide_flag(p, from, bias, scales);
  } else {
    for (size_t c = 0; c < (size_t)p->layer.out_c; c++) {
      const float scale = ((const float *)scales)[c];
      flag |= !(scale < 1 && scale > -1);
    }
  }
  memcpy(packed, &flag, sizeof flag);
  return flag;
}

void swl_q8_conv_pack_strided(swl_isa isa, const swl_q8_layer *layer, const uint8_t *weights, size_t channel_stride,
                              size_t value_stride, const void *bias, const void *scales, void *packed) {
  const swl_q8_gemm *gemm = swl_q8_gemm_for(isa, layer);
  const swl_q8_plan p = swl_q8_plan_make(gemm, layer);
  const size_t lanes = gemm->lanes, header = lanes * SWL_Q8_PANEL_HEADER(gemm->wide_output);
  const bool is_fast = value_stride == 1 && swl_q8_weight_bits(layer) == 8;
  source from = {weights, 0, channel_stride, value_stride};
  const uint32_t flag = pack_flag(&p, from, bias, scales, packed);
  const uint32_t tiles = gemm->begin != NULL;
  memcpy((uint8_t *)packed + SWL_Q8_TILES_OFFSET, &tiles, sizeof tiles);
  uint8_t *panel = (uint8_t *)packed + SWL_Q8_CONV_HEADER;
  for (size_t g = 0; g < (size_t)layer->groups; g++) {
    for (size_t first = 0; first < p.group_channels; first += lanes, panel += p.packed_panel_bytes) {
      const size_t channel = g * p.group_channels + first;
      const size_t count = p.group_channels - first < lanes ? p.group_channels - first : lanes;
      from.first = channel * channel_stride;
      int32_t sums[64] = {0};
      if (!gemm->wide && is_fast)
        pack_panel_of_bytes(&p, from, count, panel + header, sums);
      else if (gemm->wide && !gemm->planar && is_fast)
        pack_panel_of_words(&p, from, count, panel + header);
      else
        pack_panel(&p, from, count, panel + header, sums);
      if (gemm->wide_output)
        pack_wide_header(&p, channel, count, bias, scales, flag == SWL_Q8_SHORT, panel);
      else
        pack_header(&p, channel, count, bias, scales, sums, panel);
    }
  }
}

void swl_q8_fully_connected_pack_depth_major(swl_isa isa, const swl_q8_layer *layer, const void *weights,
                                             const void *bias, const void *scales, void *packed) {
  const size_t units = (size_t)layer->out_c, depth = (size_t)layer->in_c;
  if (swl_q8_gemm_for(isa, layer) != NULL) {
    swl_q8_conv_pack_strided(isa, layer, weights, 1, units, bias, scales, packed);
    return;
  }
  swl_q8_pack_plain(layer, NULL, 0, bias, scales, packed);
  uint8_t *out = (uint8_t *)packed + swl_q8_plain_bytes(layer, 0);
  for (size_t i = 0; i < units * depth; i++)
    out[i] = ((const uint8_t *)weights)[i % depth * units + i / depth];
}
