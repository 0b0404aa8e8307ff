// 8-bit depthwise convolution: one unit is one row of output.
#include "isa_selection.h"
#include "q8_depthwise_layout.h"

enum { COLUMN_OUTPUTS = 16, READ_AHEAD = 128 };

const swl_q8_depthwise *swl_q8_depthwise_for(swl_isa isa, const swl_q8_layer *layer) {
  static const swl_q8_depthwise *const kernels[SWL_ISA_COUNT] = {
    [SWL_ISA_SCALAR] = NULL,
#if SWL_HAS_SSE41
    [SWL_ISA_SSE41] = &swl_q8_depthwise__sse41,
#endif
#if SWL_HAS_AVX2
    [SWL_ISA_AVX2] = &swl_q8_depthwise__avx2,
#endif
#if SWL_HAS_AVXVNNI
    [SWL_ISA_AVXVNNI] = &swl_q8_depthwise__avxvnni,
#endif
#if SWL_HAS_AVX512VNNI
    [SWL_ISA_AVX512VNNI] = &swl_q8_depthwise__avx512vnni,
#endif
#if SWL_HAS_NEON
    [SWL_ISA_NEON] = &swl_q8_depthwise__neon,
#endif
#if SWL_HAS_DOTPROD
    [SWL_ISA_DOTPROD] = &swl_q8_depthwise__dotprod,
#endif
  };
  static const swl_q8_depthwise *const wide_kernels[SWL_ISA_COUNT] = {
    [SWL_ISA_SCALAR] = NULL,
#ifndef SWL_WITHOUT_INT16 // the portable kernels serve them then
#if SWL_HAS_SSE41
    [SWL_ISA_SSE41] = &swl_q16_depthwise__sse41,
#endif
#if SWL_HAS_AVX2
    [SWL_ISA_AVX2] = &swl_q16_depthwise__avx2,
#endif
#if SWL_HAS_AVX512VNNI
    [SWL_ISA_AVX512VNNI] = &swl_q16_depthwise__avx512vnni,
#endif
#if SWL_HAS_NEON
    [SWL_ISA_NEON] = &swl_q16_depthwise__neon,
#endif
#endif
  };
#if SWL_HAS_AVX2
  // A vector of four pixels by eight channels beats half a chunk where several vertical taps are multiplied at once.
  const bool is_narrow = layer->out_c == 8 && !layer->is_wide && swl_q8_weight_bits(layer) == 8;
  if (is_narrow && (isa == SWL_ISA_AVXVNNI || isa == SWL_ISA_AMX))
    isa = SWL_ISA_AVX2;
#endif
  const swl_q8_depthwise *const *found = layer->is_wide ? wide_kernels : kernels;
  for (int candidate = (int)isa; candidate > (int)SWL_ISA_SCALAR; candidate--) {
    if (found[candidate] != NULL)
      return found[candidate];
  }
  return NULL;
}

static bool is_empty(const swl_q8_layer *l) {
  return l->batch == 0 || l->out_h == 0 || l->out_w == 0 || l->out_c == 0 || l->in_c == 0;
}

size_t swl_q8_depthwise_packed_bytes(swl_isa isa, const swl_q8_layer *layer) {
  const swl_q8_depthwise *kernel = swl_q8_depthwise_for(isa, layer);
  if (kernel == NULL)
    return swl_q8_depthwise_packed_bytes__scalar(layer);
  if (is_convolution(layer)) {
    const swl_q8_layer convolution = as_convolution(layer);
    return swl_q8_conv_packed_bytes(isa, &convolution);
  }
  const size_t chunks = swl_q8_divide_up((size_t)layer->out_c, kernel->chunk);
  const size_t bytes =
      swl_q8_product(chunks, packed_chunk_bytes(kernel, layer, kernel->chunk, lanes_of_chunk(kernel, layer)));
  const size_t plain = layer->is_wide ? swl_q8_depthwise_packed_bytes__scalar(layer) : 0;
  return swl_q8_sum(HEADER_BYTES, bytes > plain ? bytes : plain);
}

/// Whether the kernel takes several pixels of this layer at a time.
static bool has_few_channels(const swl_q8_depthwise *kernel, const swl_q8_layer *layer) {
  return kernel->run_few != NULL && swl_q8_weight_bits(layer) == 8 && (layer->out_c == 8 || layer->out_c == 16);
}

/// The scratch area: tap pointers, a row of zero points, columns, a chunk of widened weights, and the rows of repeated
/// channels where the depth multiplier is not 1. Pairs of rows of few channels take the place of columns.
typedef struct areas {
  size_t zeros, columns, widened, rows, end;
} areas;

static areas lay_out(const swl_q8_depthwise *kernel, const swl_q8_layer *layer) {
  const size_t taps = (size_t)layer->kernel_h;
  const size_t width = ((size_t)COLUMN_OUTPUTS - 1) * (size_t)layer->stride_w +
                       ((size_t)layer->kernel_w - 1) * (size_t)layer->dilation_w + 1;
  const size_t column = groups_of_taps(kernel, layer) * kernel->chunk * 4;
  const bool repeated = layer->in_c != layer->out_c;
  const size_t row =
      swl_q8_product(swl_q8_product((size_t)layer->in_w, (size_t)layer->out_c), swl_q8_element_bytes(layer));
  const size_t chunk = swl_q8_weight_bits(layer) == 8
                           ? 0
                           : swl_q8_align(chunk_bytes(layer, kernel->chunk, lanes_of_chunk(kernel, layer)));
  areas a;
  a.zeros = swl_q8_align(taps * sizeof(uint8_t *));
  a.columns = swl_q8_sum(a.zeros, swl_q8_align(swl_q8_sum(row, READ_AHEAD)));
  size_t columns = swl_q8_product(width, column);
  if (has_few_channels(kernel, layer)) {
    const size_t pairs = swl_q8_few_bytes(swl_q8_few_width((size_t)layer->out_w, (size_t)layer->stride_w,
                                                           (size_t)layer->kernel_w, (size_t)layer->dilation_w),
                                          (size_t)layer->out_c);
    const size_t all = swl_q8_product(groups_of_taps(kernel, layer), pairs);
    columns = columns > all ? columns : all;
  }
  a.widened = swl_q8_sum(a.columns, columns);
  a.rows = swl_q8_sum(a.widened, chunk);
  a.end = swl_q8_align(swl_q8_sum(a.rows, repeated ? swl_q8_sum(swl_q8_product(row, taps), READ_AHEAD) : 0));
  return a;
}

size_t swl_q8_depthwise_scratch_bytes(swl_isa isa, const swl_q8_layer *layer) {
  const swl_q8_depthwise *kernel = swl_q8_depthwise_for(isa, layer);
  if (kernel == NULL || is_empty(layer))
    return 0;
  if (is_convolution(layer)) {
    const swl_q8_layer convolution = as_convolution(layer);
    return swl_q8_conv_scratch_bytes(isa, &convolution);
  }
  return lay_out(kernel, layer).end;
}

size_t swl_q8_depthwise_units(swl_isa isa, const swl_q8_layer *layer) {
  if (is_empty(layer))
    return 0;
  if (swl_q8_depthwise_for(isa, layer) != NULL && is_convolution(layer)) {
    const swl_q8_layer convolution = as_convolution(layer);
    return swl_q8_conv_units(isa, &convolution);
  }
  return (size_t)layer->batch * (size_t)layer->out_h;
}

/// What all rows of a layer share.
typedef struct layer_run {
  const swl_q8_depthwise *kernel;
  const swl_q8_layer *layer;
  swl_isa isa;
  size_t lanes;
  /// Scratch for the widened weights of one chunk.
  uint8_t *widened;
} layer_run;

static void run_chunk(const layer_run *run, const swl_q8_depthwise_row *row, const uint8_t *packed, size_t channel,
                      size_t chunk) {
  const size_t bits = swl_q8_weight_bits(run->layer), header = header_bytes(run->layer, chunk);
  if (bits < 8) {
    memcpy(run->widened, packed, header);
    swl_q8_widen(run->isa, packed + header, chunk_weights(run->kernel, chunk, run->lanes), bits, run->kernel->taps == 2,
                 run->widened + header);
    packed = run->widened;
  }
  run->kernel->run_chunk(row, packed, channel, chunk);
}

ptrdiff_t swl_q8_whole_reads(const swl_q8_depthwise_row *row, size_t channel, size_t width, size_t element_bytes) {
  ptrdiff_t count = row->in_w;
  if (channel + width <= row->channels)
    return count;
  uintptr_t last = 0;
  for (size_t t = 0; t < row->tap_count; t++) {
    if (row->taps[t] != row->zeros && (uintptr_t)row->taps[t] > last)
      last = (uintptr_t)row->taps[t];
  }
  while (count > 0 &&
         last + (((size_t)count - 1) * row->channels + channel + width) * element_bytes > row->readable_end)
    count--;
  return count;
}

ptrdiff_t swl_q8_whole_stores(const swl_q8_depthwise_row *row, size_t channel, size_t width) {
  ptrdiff_t count = row->out_w;
  while (count > 0 && (size_t)(row->out_w - count + 1) * row->channels < channel + width)
    count--;
  return count;
}

/// One row of output. The last channels come first where they do not fill their chunk: stores of whole vectors then may
/// reach into the next pixels' first channels.
static void run_row(const layer_run *run, const swl_q8_depthwise_row *row, const uint8_t *packed) {
  const swl_q8_depthwise *kernel = run->kernel;
  if (row->floats == NULL && has_few_channels(kernel, run->layer)) {
    kernel->run_few(row, packed, row->columns);
    return;
  }
  const size_t whole = row->channels / kernel->chunk, left = row->channels % kernel->chunk;
  const size_t stride = packed_chunk_bytes(kernel, run->layer, kernel->chunk, run->lanes);
  if (left > 0)
    run_chunk(run, row, packed + whole * stride, whole * kernel->chunk, last_chunk(kernel, left));
  for (size_t i = 0; i < whole; i++)
    run_chunk(run, row, packed + i * stride, i * kernel->chunk, kernel->chunk);
}

/// Whether any tap reads a pixel outside the input.
static bool leaves_input(const swl_q8_layer *l) {
  const int64_t bottom = (int64_t)(l->out_h - 1) * l->stride_h + (int64_t)(l->kernel_h - 1) * l->dilation_h;
  const int64_t right = (int64_t)(l->out_w - 1) * l->stride_w + (int64_t)(l->kernel_w - 1) * l->dilation_w;
  return l->pad_top != 0 || l->pad_left != 0 || bottom >= l->in_h || right >= l->in_w;
}

/// Repeats each channel of a row of pixels as often as the depth multiplier says.
static void repeat_channels(const swl_q8_layer *layer, const uint8_t *input, uint8_t *output) {
  const size_t multiplier = (size_t)(layer->out_c / layer->in_c);
  const size_t count = (size_t)layer->in_w * (size_t)layer->in_c;
  for (size_t i = 0; i < count; i++) {
    if (layer->is_wide) {
      for (size_t k = 0; k < multiplier; k++)
        memcpy(output + 2 * (i * multiplier + k), input + 2 * i, 2);
    } else {
      memset(output + i * multiplier, input[i], multiplier);
    }
  }
}

/// The layer's zero point is that of the activations as they are stored.
static void set_starts(const swl_q8_depthwise *kernel, const swl_q8_layer *layer, const uint8_t *packed,
                       int32_t *starts) {
  const uint32_t zero = (uint32_t)(layer->input_zero_point + (kernel->unsigned_activations ? 128 : 0));
  const size_t lanes = lanes_of_chunk(kernel, layer);
  for (size_t first = 0; first < (size_t)layer->out_c; first += kernel->chunk) {
    const size_t chunk = last_chunk(kernel, (size_t)layer->out_c - first);
    for (size_t i = 0; i < chunk; i++) {
      const uint32_t sum = (uint32_t)swl_q8_load32(packed + SWL_Q8_CHUNK_HEADER + 4 * i);
      starts[first + i] = (int32_t)(0u - zero * sum);
    }
    packed += packed_chunk_bytes(kernel, layer, chunk, lanes);
  }
}

void swl_q8_depthwise_run(swl_isa isa, const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                          void *scratch, size_t begin, size_t end) {
  swl_q8_depthwise_run_float(isa, layer, packed, input, output, scratch, NULL, begin, end);
}

void swl_q8_depthwise_run_float(swl_isa isa, const swl_q8_layer *layer, const void *packed, const void *input,
                                void *output, void *scratch, const swl_q8_float_output *floats, size_t begin,
                                size_t end) {
  if (begin >= end)
    return;
  const swl_q8_depthwise *kernel = swl_q8_depthwise_for(isa, layer);
  if (kernel == NULL) {
    swl_q8_depthwise_run__scalar(layer, packed, input, output, floats, begin, end);
    return;
  }
  if (is_convolution(layer)) {
    const swl_q8_layer convolution = as_convolution(layer);
    swl_q8_conv_run(isa, &convolution, packed, input, output, scratch, begin, end);
    return;
  }
  uint32_t flag;
  memcpy(&flag, packed, sizeof flag);
  if (layer->is_wide && flag == SWL_Q8_LONG) {
    swl_q8_depthwise_run__scalar(layer, (const uint8_t *)packed + HEADER_BYTES, input, output, NULL, begin, end);
    return;
  }
  const areas a = lay_out(kernel, layer);
  const size_t height = (size_t)layer->kernel_h, channels = (size_t)layer->out_c;
  const size_t element = swl_q8_element_bytes(layer), out_element = floats == NULL ? element : sizeof(float);
  const size_t in_row = (size_t)layer->in_w * (size_t)layer->in_c * element;
  const size_t repeated_row = (size_t)layer->in_w * channels * element;
  const uint8_t **taps = scratch;
  uint8_t *const zeros = (uint8_t *)scratch + a.zeros, *const repeated = (uint8_t *)scratch + a.rows;
  if (leaves_input(layer))
    memset(zeros, (uint8_t)layer->input_zero_point, repeated_row);
  const uint8_t *const input_end = (const uint8_t *)input + (size_t)layer->batch * (size_t)layer->in_h * in_row;
  const layer_run run = {kernel, layer, isa, lanes_of_chunk(kernel, layer), (uint8_t *)scratch + a.widened};
  swl_q8_depthwise_row row = {
      .taps = taps,
      .tap_count = height,
      .in_w = layer->in_w,
      .out_w = layer->out_w,
      .kernel_w = layer->kernel_w,
      .stride = layer->stride_w,
      .dilation = layer->dilation_w,
      .pad = layer->pad_left,
      .channels = channels,
      .zeros = zeros,
      .readable_end = layer->in_c == layer->out_c ? (uintptr_t)input_end : UINTPTR_MAX,
      .columns = (uint8_t *)scratch + a.columns,
      .column_outputs = COLUMN_OUTPUTS,
      .activation_flip = kernel->unsigned_activations != layer->is_unsigned ? 0x80 : 0,
      .requantization = swl_q8_output_make(layer, flag != 0),
      .is_short = layer->is_wide && flag == SWL_Q8_SHORT,
      .floats = floats,
  };
  if (floats != NULL)
    set_starts(kernel, layer, (const uint8_t *)packed + HEADER_BYTES, floats->starts);
  for (size_t unit = begin; unit < end; unit++) {
    const size_t image = unit / (size_t)layer->out_h;
    const ptrdiff_t top = (ptrdiff_t)(unit % (size_t)layer->out_h) * layer->stride_h - layer->pad_top;
    for (size_t t = 0; t < height; t++) {
      const ptrdiff_t y = top + (ptrdiff_t)t * layer->dilation_h;
      const bool inside = y >= 0 && y < layer->in_h;
      taps[t] = zeros;
      if (!inside)
        continue;
      const uint8_t *source = (const uint8_t *)input + (image * (size_t)layer->in_h + (size_t)y) * in_row;
      taps[t] = source;
      if (layer->in_c != layer->out_c) {
        repeat_channels(layer, source, repeated + t * repeated_row);
        taps[t] = repeated + t * repeated_row;
      }
    }
    row.output = (uint8_t *)output + unit * (size_t)layer->out_w * channels * out_element;
    run_row(&run, &row, (const uint8_t *)packed + HEADER_BYTES);
  }
}
