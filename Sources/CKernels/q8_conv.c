// 8-bit convolution over packed weights.
//
// A window is a few runs of consecutive bytes (one for each kernel row, or each tap under dilation and groups), so a
// tile of output pixels is a matrix product whose activations are read where they lie. Only where the window can leave
// the input, or the kernel wants other numbers than the input's bytes, is a band of input rows first copied, with its
// padding, to the scratch area; nothing is ever expanded to one row for each pixel.
#include "isa_selection.h"
#include "q8_kernels.h"

enum {
  HEADER_BYTES = 64,
  BAND_BYTES = 48 * 1024,         // input rows copied at a time, so that they stay in the fastest cache levels
  PANEL_BLOCK_BYTES = 256 * 1024, // packed weights that all pixels of a band use before the next ones
  COLUMN_SPLIT_ROWS = 24,         // with fewer pixels, units are blocks of output channels
  COLUMN_SPLIT_PANELS = 4,
};

static size_t group_channels(const swl_q8_layer *layer) { return (size_t)(layer->out_c / layer->groups); }

const swl_q8_gemm *swl_q8_gemm_for(swl_isa isa, const swl_q8_layer *layer) {
  static const swl_q8_gemm *const kernels[SWL_ISA_COUNT] = {
    [SWL_ISA_SCALAR] = NULL,
#if SWL_HAS_SSE41
    [SWL_ISA_SSE41] = &swl_q8_gemm__sse41,
#endif
#if SWL_HAS_AVX2
    [SWL_ISA_AVX2] = &swl_q8_gemm__avx2,
#endif
#if SWL_HAS_AVXVNNI
    [SWL_ISA_AVXVNNI] = &swl_q8_gemm__avxvnni,
#endif
#if SWL_HAS_AVX512VNNI
    [SWL_ISA_AVX512VNNI] = &swl_q8_gemm__avx512vnni,
#endif
#if SWL_HAS_NEON
    [SWL_ISA_NEON] = &swl_q8_gemm__neon,
#endif
#if SWL_HAS_DOTPROD
    [SWL_ISA_DOTPROD] = &swl_q8_gemm__dotprod,
#endif
#if SWL_HAS_I8MM
    [SWL_ISA_I8MM] = &swl_q8_gemm__i8mm,
#endif
  };
  static const swl_q8_gemm *const wide_kernels[SWL_ISA_COUNT] = {
    [SWL_ISA_SCALAR] = NULL,
#ifndef SWL_WITHOUT_INT16 // the portable kernels serve them then
#if SWL_HAS_SSE41
    [SWL_ISA_SSE41] = &swl_q16_gemm__sse41,
#endif
#if SWL_HAS_AVX2
    [SWL_ISA_AVX2] = &swl_q16_gemm__avx2,
#endif
#if SWL_HAS_AVXVNNI
    [SWL_ISA_AVXVNNI] = &swl_q16_gemm__avxvnni,
#endif
#if SWL_HAS_AVX512VNNI
    [SWL_ISA_AVX512VNNI] = &swl_q16_gemm__avx512vnni,
#endif
#if SWL_HAS_NEON
    [SWL_ISA_NEON] = &swl_q16_gemm__neon,
#endif
#endif
  };
#if SWL_HAS_I8MM
  if (isa == SWL_ISA_I8MM && layer->is_unsigned && !layer->is_wide)
    return &swl_q8_gemm_u8__i8mm;
#endif
#if SWL_HAS_AVX512VNNI
  const size_t channels = group_channels(layer);
  if (isa == SWL_ISA_AVX512VNNI && channels % 16 > 0 && channels % 16 <= 8 && channels <= 24) {
#ifndef SWL_WITHOUT_INT16
    if (layer->is_wide)
      return &swl_q16_gemm_8__avx512vnni;
#endif
    if (!layer->is_wide)
      return &swl_q8_gemm_8__avx512vnni;
  }
#endif
  const swl_q8_gemm *const *found = layer->is_wide ? wide_kernels : kernels;
  for (int candidate = (int)isa; candidate > (int)SWL_ISA_SCALAR; candidate--) {
    if (found[candidate] != NULL)
      return found[candidate];
  }
  return NULL;
}

/// What follows from a layer and a kernel before any data is seen. Sizes saturate.
typedef struct plan {
  const swl_q8_gemm *gemm;
  /// The layer, with a 1x1 convolution over all pixels turned into a column of pixels.
  swl_q8_layer layer;
  size_t depth;          // input channels of a group
  size_t group_channels; // output channels of a group
  size_t segments, segment_values, segment_lanes;
  size_t element;               // bytes of an activation in a band
  size_t outer_element;         // bytes of an activation in the input and the output
  size_t panels, panel_bytes;   // per group
  size_t panel_weights;         // stored numbers of a panel
  size_t packed_panel_bytes;    // with weights of fewer bits
  size_t panel_block;           // panels that are widened together
  ptrdiff_t window_h, window_w; // the extent of the dilated kernel
  bool direct;                  // activations are read from the input itself
  bool by_columns;              // units are blocks of panels
} plan;

static bool is_pointwise(const swl_q8_layer *l) {
  return l->kernel_h == 1 && l->kernel_w == 1 && l->stride_h == 1 && l->stride_w == 1 && l->pad_top == 0 &&
         l->pad_left == 0 && l->groups == 1 && l->out_h == l->in_h && l->out_w == l->in_w;
}

static bool leaves_input(const swl_q8_layer *l, ptrdiff_t window_h, ptrdiff_t window_w) {
  return l->pad_top != 0 || l->pad_left != 0 || (ptrdiff_t)(l->out_h - 1) * l->stride_h + window_h > l->in_h ||
         (ptrdiff_t)(l->out_w - 1) * l->stride_w + window_w > l->in_w;
}

static plan make_plan(const swl_q8_gemm *gemm, const swl_q8_layer *source) {
  plan p = {.gemm = gemm, .layer = *source};
  swl_q8_layer *l = &p.layer;
  const size_t pixels = swl_q8_product(swl_q8_product((size_t)l->batch, (size_t)l->in_h), (size_t)l->in_w);
  const bool pointwise = is_pointwise(l) && pixels <= INT32_MAX;
  if (pointwise) {
    l->batch = pixels > 0 ? 1 : 0;
    l->in_h = l->out_h = (int32_t)pixels;
    l->in_w = l->out_w = 1;
  }
  p.depth = (size_t)(l->in_c / l->groups);
  p.group_channels = group_channels(l);
  const bool whole_rows = l->dilation_w == 1 && l->groups == 1;
  p.segments = whole_rows ? (size_t)l->kernel_h : swl_q8_product((size_t)l->kernel_h, (size_t)l->kernel_w);
  p.segment_values = whole_rows ? swl_q8_product((size_t)l->kernel_w, p.depth) : p.depth;
  p.element = gemm->wide ? 2 : 1;
  p.outer_element = swl_q8_element_bytes(l);
  p.segment_lanes = swl_q8_divide_up(p.segment_values, gemm->step / p.element) * (gemm->step / 4);
  p.panels = swl_q8_divide_up(p.group_channels, gemm->lanes);
  const size_t header = (size_t)gemm->lanes * SWL_Q8_PANEL_HEADER(gemm->wide_output);
  const size_t weight_bytes = swl_q8_product((size_t)gemm->lanes * 4, swl_q8_product(p.segments, p.segment_lanes));
  p.panel_bytes = swl_q8_sum(header, weight_bytes);
  p.panel_weights = weight_bytes / p.element;
  const size_t bits = swl_q8_weight_bits(l);
  p.packed_panel_bytes = bits == 8 ? p.panel_bytes : header + p.panel_weights / (8 / bits);
  const size_t fitting = PANEL_BLOCK_BYTES / p.panel_bytes & ~(size_t)3;
  p.panel_block = fitting > 4 ? fitting : 4;
  p.window_h = (ptrdiff_t)(l->kernel_h - 1) * l->dilation_h + 1;
  p.window_w = (ptrdiff_t)(l->kernel_w - 1) * l->dilation_w + 1;
  // With a single panel the flip of every activation would cost as much as its product.
  const bool flips = !gemm->wide && gemm->unsigned_activations != l->is_unsigned;
  p.direct = p.element == p.outer_element && p.segment_values * p.element % gemm->step == 0 &&
             !leaves_input(l, p.window_h, p.window_w) && !(flips && p.panels == 1);
  p.by_columns = pointwise && pixels < COLUMN_SPLIT_ROWS;
  return p;
}

/// Activations in a band: what is added to the input's bytes, and the zero point after that.
static int32_t band_shift(const plan *p) {
  if (p->gemm->wide)
    return -p->layer.input_zero_point;
  if (p->gemm->unsigned_activations)
    return p->layer.is_unsigned ? 0 : 128;
  return p->layer.is_unsigned ? -128 : 0;
}

static int32_t weight_shift(const plan *p) {
  if (p->gemm->wide)
    return -p->layer.weight_zero_point;
  return p->layer.is_unsigned ? -128 : 0;
}

static size_t band_row_bytes(const plan *p) {
  const ptrdiff_t width = (ptrdiff_t)(p->layer.out_w - 1) * p->layer.stride_w + p->window_w;
  return swl_q8_product(swl_q8_product((size_t)width, (size_t)p->layer.in_c), p->element);
}

/// How many output rows share a band: at least one.
static size_t band_rows(const plan *p) {
  if (p->direct)
    return (size_t)p->layer.out_h;
  const size_t bytes = band_row_bytes(p);
  const size_t fitting = bytes > 0 ? BAND_BYTES / bytes : (size_t)p->layer.out_h;
  const size_t window = (size_t)p->window_h, stride = (size_t)p->layer.stride_h;
  const size_t rows = fitting > window ? (fitting - window) / stride + 1 : 1;
  const size_t least = swl_q8_divide_up(p->gemm->row_limit, (size_t)p->layer.out_w);
  const size_t wanted = rows > least ? rows : least;
  return wanted < (size_t)p->layer.out_h ? wanted : (size_t)p->layer.out_h;
}

/// Scratch for the widened panels of one block.
static size_t widened_bytes(const plan *p) {
  if (p->packed_panel_bytes == p->panel_bytes)
    return 0;
  return swl_q8_align(swl_q8_product(p->panel_block < p->panels ? p->panel_block : p->panels, p->panel_bytes));
}

static bool is_empty(const swl_q8_layer *l) { return l->batch == 0 || l->out_h == 0 || l->out_w == 0 || l->out_c == 0; }

size_t swl_q8_conv_packed_bytes(swl_isa isa, const swl_q8_layer *layer) {
  const swl_q8_gemm *gemm = swl_q8_gemm_for(isa, layer);
  if (gemm == NULL)
    return swl_q8_conv_packed_bytes__scalar(layer);
  const plan p = make_plan(gemm, layer);
  return swl_q8_sum(HEADER_BYTES,
                    swl_q8_product(swl_q8_product((size_t)layer->groups, p.panels), p.packed_panel_bytes));
}

size_t swl_q8_conv_scratch_bytes(swl_isa isa, const swl_q8_layer *layer) {
  const swl_q8_gemm *gemm = swl_q8_gemm_for(isa, layer);
  if (gemm == NULL || is_empty(layer))
    return 0;
  const plan p = make_plan(gemm, layer);
  const size_t offsets = swl_q8_sum(swl_q8_align(swl_q8_product(p.segments, sizeof(ptrdiff_t))), widened_bytes(&p));
  if (p.direct)
    return offsets;
  const size_t rows = swl_q8_sum(swl_q8_product(band_rows(&p) - 1, (size_t)layer->stride_h), (size_t)p.window_h);
  return swl_q8_sum(offsets, swl_q8_align(swl_q8_sum(swl_q8_product(rows, band_row_bytes(&p)), 8)));
}

size_t swl_q8_conv_units(swl_isa isa, const swl_q8_layer *layer) {
  if (is_empty(layer))
    return 0;
  const swl_q8_gemm *gemm = swl_q8_gemm_for(isa, layer);
  if (gemm == NULL)
    return (size_t)layer->batch * (size_t)layer->out_h;
  const plan p = make_plan(gemm, layer);
  return p.by_columns ? swl_q8_divide_up(p.panels, COLUMN_SPLIT_PANELS) : (size_t)p.layer.batch * (size_t)p.layer.out_h;
}

/// Weights in the file's order: the first one's index, `channel_stride` from one output channel to the next,
/// `value_stride` from one value of a channel to the next.
typedef struct source {
  const uint8_t *weights;
  size_t first, channel_stride, value_stride;
} source;

/// Stores number `index` of a panel's weights.
static void store_weight(const plan *p, uint8_t *out, size_t index, int32_t value) {
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
static void pack_panel(const plan *p, source from, size_t channels, uint8_t *out, int32_t *sums) {
  const size_t lanes = p->gemm->lanes, values = p->gemm->step / p->element;
  const int32_t shift = weight_shift(p);
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

/// Bytes from consecutive values: whole steps are flipped and copied.
static void pack_panel_of_bytes(const plan *p, source from, size_t channels, uint8_t *out, int32_t *sums) {
  const size_t lanes = p->gemm->lanes, step = p->gemm->step;
  const size_t whole = p->segment_values / step, rest = p->segment_values % step;
  const uint64_t flip = weight_shift(p) != 0 ? 0x8080808080808080u : 0;
  const uint8_t byte_flip = (uint8_t)flip;
  if (channels < lanes)
    memset(out, 0, 4 * lanes * p->segments * p->segment_lanes);
  for (size_t c = 0; c < channels; c++) {
    const uint8_t *w = from.weights + from.first + c * from.channel_stride;
    int32_t sum = 0;
    for (size_t i = 0; i < p->segments * p->segment_values; i++)
      sum += (int8_t)(w[i] ^ byte_flip);
    sums[c] = sum;
  }
  for (size_t s = 0; s < p->segments; s++) {
    const uint8_t *segment = from.weights + from.first + s * p->segment_values;
    for (size_t i = 0; i < whole; i++, out += step * lanes, segment += step) {
      const uint8_t *w = segment;
      for (size_t c = 0; c < channels; c++, w += from.channel_stride) {
        if (step == 4) {
          const uint32_t word = (uint32_t)swl_q8_load32(w) ^ (uint32_t)flip;
          memcpy(out + 4 * c, &word, 4);
        } else {
          uint64_t word;
          memcpy(&word, w, 8);
          word ^= flip;
          memcpy(out + 8 * c, &word, 8);
        }
      }
    }
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
static void pack_panel_of_words(const plan *p, source from, size_t channels, uint8_t *out) {
  const size_t lanes = p->gemm->lanes, whole = p->segment_values / 2;
  const int32_t shift = weight_shift(p);
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
static void pack_header(const plan *p, size_t channel, size_t channels, const void *bias, const float *scales,
                        const int32_t *sums, uint8_t *panel) {
  const size_t lanes = p->gemm->lanes, depth = p->segments * p->segment_values;
  const int32_t za = p->layer.input_zero_point + band_shift(p), zw = p->layer.weight_zero_point + weight_shift(p);
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
static void pack_wide_header(const plan *p, size_t channel, size_t channels, const void *bias, const double *scales,
                             bool is_short, uint8_t *panel) {
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
static uint32_t wide_flag(const plan *p, source from, const void *bias, const void *scales) {
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
static uint32_t pack_flag(const plan *p, source from, const void *bias, const void *scales, void *packed) {
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
  const plan p = make_plan(gemm, layer);
  const size_t lanes = gemm->lanes, header = lanes * SWL_Q8_PANEL_HEADER(gemm->wide_output);
  const bool is_fast = value_stride == 1 && swl_q8_weight_bits(layer) == 8;
  source from = {weights, 0, channel_stride, value_stride};
  const uint32_t flag = pack_flag(&p, from, bias, scales, packed);
  uint8_t *panel = (uint8_t *)packed + HEADER_BYTES;
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

/// Writes `count` input values to a band: shifted bytes, or int16.
static void copy_values(const plan *p, uint8_t *out, const uint8_t *input, size_t count) {
  if (p->layer.is_wide) {
    memcpy(out, input, 2 * count);
  } else if (p->gemm->wide) {
    const int32_t shift = band_shift(p);
    int16_t *wide = (int16_t *)(void *)out;
    if (p->layer.is_unsigned) {
      for (size_t i = 0; i < count; i++)
        wide[i] = (int16_t)(input[i] + shift);
    } else {
      for (size_t i = 0; i < count; i++)
        wide[i] = (int16_t)((int8_t)input[i] + shift);
    }
  } else if (band_shift(p) == 0) {
    memcpy(out, input, count);
  } else {
    for (size_t i = 0; i < count; i++)
      out[i] = input[i] ^ 0x80;
  }
}

static void fill_zero_points(const plan *p, uint8_t *out, size_t count) {
  if (p->gemm->wide)
    memset(out, 0, 2 * count);
  else
    memset(out, (uint8_t)(p->layer.input_zero_point + band_shift(p)), count);
}

/// Copies the input rows that output rows first..<last of one image read, with their padding.
static void fill_band(const plan *p, uint8_t *band, const uint8_t *image, size_t first, size_t last) {
  const swl_q8_layer *l = &p->layer;
  const size_t pitch = band_row_bytes(p), channels = (size_t)l->in_c;
  const ptrdiff_t width = (ptrdiff_t)(l->out_w - 1) * l->stride_w + p->window_w;
  const ptrdiff_t left = l->pad_left < width ? l->pad_left : width;
  const ptrdiff_t inside = l->in_w < width - left ? l->in_w : width - left;
  const ptrdiff_t top = (ptrdiff_t)first * l->stride_h - l->pad_top;
  const ptrdiff_t bottom = (ptrdiff_t)(last - 1) * l->stride_h - l->pad_top + p->window_h;
  if (left == 0 && inside == width && width == l->in_w && top >= 0 && bottom <= l->in_h) {
    copy_values(p, band, image + (size_t)top * (size_t)width * channels * p->outer_element,
                (size_t)(bottom - top) * (size_t)width * channels);
    return;
  }
  for (ptrdiff_t y = top; y < bottom; y++, band += pitch) {
    if (y < 0 || y >= l->in_h) {
      fill_zero_points(p, band, (size_t)width * channels);
      continue;
    }
    const size_t left_values = (size_t)left * channels, inside_values = (size_t)inside * channels;
    fill_zero_points(p, band, left_values);
    copy_values(p, band + left_values * p->element, image + (size_t)y * (size_t)l->in_w * channels * p->outer_element,
                inside_values);
    fill_zero_points(p, band + (left_values + inside_values) * p->element, (size_t)(width - left - inside) * channels);
  }
}

/// Output pixels whose activations lie in one piece of memory: a band or an image.
typedef struct region {
  const uint8_t *origin;
  size_t row_pitch, pixel_pitch; // bytes
  size_t pixels;
  uint8_t *output;
} region;

/// One group's panels first..<last, the first of which the tile names, over all pixels of a region.
static void run_panels(const plan *p, swl_q8_tile *tile, const region *r, size_t first, size_t last) {
  const size_t lanes = p->gemm->lanes, width = (size_t)p->layer.out_w;
  const size_t channels = (last * lanes < p->group_channels ? last * lanes : p->group_channels) - first * lanes;
  const size_t step = p->gemm->row_step > 0 ? p->gemm->row_step : 1, steps = swl_q8_divide_up(r->pixels, step);
  const size_t tiles = swl_q8_divide_up(steps, p->gemm->row_limit / step);
  const int32_t zw = p->gemm->wide ? 0 : p->layer.weight_zero_point + weight_shift(p);
  uint8_t *const output = r->output + first * lanes * p->outer_element;
  tile->channels = channels;
  tile->corrected = zw != 0;
  const size_t x_step = (size_t)p->layer.stride_w * r->pixel_pitch, y_step = (size_t)p->layer.stride_h * r->row_pitch;
  const uint8_t *line = r->origin, *next = line;
  size_t x = 0, begin = 0;
  for (size_t i = 0; i < tiles; i++) {
    // Tiles of equal height waste less than full ones followed by a low one.
    const size_t rows = (steps / tiles + (i < steps % tiles ? 1 : 0)) * step;
    tile->row_count = rows < r->pixels - begin ? rows : r->pixels - begin;
    for (size_t row = 0; row < tile->row_count; row++) {
      tile->rows[row] = next;
      next += x_step;
      if (++x == width) {
        x = 0;
        line += y_step;
        next = line;
      }
    }
    if (tile->corrected) {
      p->gemm->row_sums(tile, p->segment_values, tile->corrections);
      for (size_t row = 0; row < tile->row_count; row++)
        tile->corrections[row] = (int32_t)(0u - (uint32_t)zw * (uint32_t)tile->corrections[row]);
    }
    tile->output = output + begin * tile->output_stride * p->outer_element;
    begin += tile->row_count;
    p->gemm->tile(tile);
  }
}

/// Widens the panels first..<last, which then stand where the first panel of all would let them.
static const uint8_t *widen_panels(const plan *p, swl_isa isa, const uint8_t *small, uint8_t *wide, size_t first,
                                   size_t last) {
  const size_t bits = swl_q8_weight_bits(&p->layer);
  const size_t header = (size_t)p->gemm->lanes * SWL_Q8_PANEL_HEADER(p->gemm->wide_output);
  small += first * p->packed_panel_bytes;
  for (uint8_t *out = wide; first < last; first++, small += p->packed_panel_bytes, out += p->panel_bytes) {
    memcpy(out, small, header);
    swl_q8_widen(isa, small + header, p->panel_weights, bits, p->gemm->wide, out + header);
  }
  return wide;
}

/// All groups over a region. `widened` is scratch for panels with weights of fewer bits.
static void run_region(const plan *p, swl_isa isa, swl_q8_tile *tile, const region *whole, uint8_t *widened,
                       size_t first, size_t last) {
  const uint8_t *const panels = tile->panels;
  const size_t block = p->panel_block;
  for (size_t g = 0; g < (size_t)p->layer.groups; g++) {
    region r = *whole;
    r.origin += g * p->depth * p->element;
    r.output += g * p->group_channels * p->outer_element;
    const uint8_t *const of_group = panels + g * p->panels * p->packed_panel_bytes;
    for (size_t begin = first; begin < last; begin += block) {
      const size_t end = begin + block < last ? begin + block : last;
      tile->panels = of_group + begin * p->panel_bytes;
      if (p->packed_panel_bytes != p->panel_bytes)
        tile->panels = widen_panels(p, isa, of_group, widened, begin, end);
      run_panels(p, tile, &r, begin, end);
    }
  }
  tile->panels = panels;
}

static void set_segments(const plan *p, ptrdiff_t *segments, size_t row_pitch, size_t pixel_pitch) {
  const swl_q8_layer *l = &p->layer;
  const int32_t columns = p->segments == (size_t)l->kernel_h ? 1 : l->kernel_w;
  for (int32_t ky = 0; ky < l->kernel_h; ky++) {
    for (int32_t kx = 0; kx < columns; kx++)
      *segments++ = (ptrdiff_t)(row_pitch * (size_t)ky * (size_t)l->dilation_h +
                                pixel_pitch * (size_t)kx * (size_t)l->dilation_w);
  }
}

/// Parts of the scratch area.
typedef struct areas {
  uint8_t *widened, *band;
} areas;

/// Output rows first..<last of one image.
static void run_rows(const plan *p, swl_isa isa, swl_q8_tile *tile, const uint8_t *image, areas scratch,
                     uint8_t *output, size_t first, size_t last, size_t first_panel, size_t last_panel) {
  const swl_q8_layer *l = &p->layer;
  const size_t pitch = (size_t)l->in_w * (size_t)l->in_c * p->outer_element;
  const size_t step = band_rows(p);
  for (size_t y = first; y < last; y += step) {
    const size_t end = y + step < last ? y + step : last;
    region r = {
        .origin = image + y * (size_t)l->stride_h * pitch,
        .row_pitch = pitch,
        .pixel_pitch = (size_t)l->in_c * p->outer_element,
        .pixels = (end - y) * (size_t)l->out_w,
        .output = output + y * (size_t)l->out_w * (size_t)l->out_c * p->outer_element,
    };
    if (!p->direct) {
      fill_band(p, scratch.band, image, y, end);
      r.origin = scratch.band;
      r.row_pitch = band_row_bytes(p);
      r.pixel_pitch = (size_t)l->in_c * p->element;
    }
    run_region(p, isa, tile, &r, scratch.widened, first_panel, last_panel);
  }
}

void swl_q8_conv_run(swl_isa isa, const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                     void *scratch, size_t begin, size_t end) {
  if (begin >= end)
    return;
  const swl_q8_gemm *gemm = swl_q8_gemm_for(isa, layer);
  if (gemm == NULL) {
    swl_q8_conv_run__scalar(layer, packed, input, output, begin, end);
    return;
  }
  const plan p = make_plan(gemm, layer);
  const swl_q8_layer *l = &p.layer;
  const size_t in_pitch = (size_t)l->in_w * (size_t)l->in_c * p.outer_element;
  ptrdiff_t *segments = scratch;
  areas rest;
  rest.widened = (uint8_t *)scratch + swl_q8_align(p.segments * sizeof *segments);
  rest.band = rest.widened + widened_bytes(&p);
  set_segments(&p, segments, p.direct ? in_pitch : band_row_bytes(&p), (size_t)l->in_c * p.element);

  uint32_t flag;
  memcpy(&flag, packed, sizeof flag);
  swl_q8_tile tile = {
      .is_long = gemm->wide_output && flag == SWL_Q8_LONG,
      .is_short = gemm->wide_output && flag == SWL_Q8_SHORT,
      .segments = segments,
      .segment_count = p.segments,
      .segment_lanes = p.segment_lanes,
      .activation_flip = p.direct && band_shift(&p) != 0 ? 0x80 : 0,
      .panels = (const uint8_t *)packed + HEADER_BYTES,
      .panel_bytes = p.panel_bytes,
      .output_stride = (size_t)l->out_c,
      .requantization = swl_q8_output_make(l, !gemm->wide_output && flag != 0),
  };
  if (p.by_columns) {
    const size_t last = end * COLUMN_SPLIT_PANELS < p.panels ? end * COLUMN_SPLIT_PANELS : p.panels;
    run_rows(&p, isa, &tile, input, rest, output, 0, (size_t)l->out_h, begin * COLUMN_SPLIT_PANELS, last);
    return;
  }
  const size_t rows = (size_t)l->out_h;
  while (begin < end) {
    const size_t image = begin / rows, first = begin % rows;
    const size_t last = end - image * rows < rows ? end - image * rows : rows;
    run_rows(&p, isa, &tile, (const uint8_t *)input + image * (size_t)l->in_h * in_pitch, rest,
             (uint8_t *)output + image * rows * (size_t)l->out_w * (size_t)l->out_c * p.outer_element, first, last, 0,
             p.panels);
    begin = image * rows + last;
  }
}
