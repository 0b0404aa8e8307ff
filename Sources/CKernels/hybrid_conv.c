// Windows are read where they lie in the quantized, padded pictures; see hybrid_layout.h.
#include "hybrid_layout.h"
#include "q8_kernels.h"
#include <math.h>
#include <string.h>

size_t swl_hybrid_column_step(swl_isa isa) { return swl_hybrid_kernels_for(isa)->widths[0]; }

/// Weights below 8 bits stay packed; blocks of the depth may have scales of their own.
typedef struct weight_format {
  size_t bits;
  size_t blocks;
  /// Of one block: segments, numbers and words of one; words, and words as they are packed, so that packed blocks end
  /// at a multiple of 4 bytes.
  size_t segments, segment_values, segment_words, words, packed_words;
} weight_format;

static weight_format format_of(const swl_hybrid_kernels *kernels, const swl_f32_conv_params *p,
                               const swl_hybrid_layout *layout) {
  weight_format format = {
      .bits = p->weight_bits == 0 ? 8 : p->weight_bits,
      .blocks = 1,
      .segments = layout->segments,
      .segment_values = layout->segment_values,
      .segment_words = layout->segment_words,
  };
  if (p->weight_block > 0) {
    format.blocks = format.segment_values / p->weight_block;
    format.segment_values = p->weight_block;
    format.segment_words = swl_hybrid_words(kernels, p->weight_block);
  }
  format.words = format.segments * format.segment_words;
  format.packed_words = format.bits == 8 ? format.words : (format.words + 7) & ~(size_t)7;
  return format;
}

/// Stored weights of one block of a panel of `width` columns.
static size_t weights_of(const swl_hybrid_kernels *kernels, const weight_format *format, size_t width) {
  return format->packed_words * swl_hybrid_step(kernels) * width;
}

/// Bytes of a panel for each of its columns: for each block sums, scales, biases and weights.
static size_t column_bytes(const swl_hybrid_kernels *kernels, const weight_format *format) {
  return format->blocks * (sizeof(int32_t) + 2 * sizeof(float) + weights_of(kernels, format, 1) * format->bits / 8);
}

/// Bytes of the panels of one group of `columns` output channels.
static size_t group_bytes(const swl_hybrid_kernels *kernels, const weight_format *format, size_t columns) {
  return swl_padded_columns(kernels->widths, columns) * column_bytes(kernels, format);
}

size_t swl_hybrid_packed_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const swl_hybrid_layout layout = swl_hybrid_layout_of(kernels, params);
  const weight_format format = format_of(kernels, params, &layout);
  return params->groups * group_bytes(kernels, &format, params->out_channels / params->groups);
}

/// What one panel is packed from.
typedef struct source {
  const void *weights, *bias;
  const float *scales;
  /// The first column, and how many there are.
  size_t first, present;
} source;

static int32_t weight_at(const void *weights, size_t bits, size_t index) {
  const size_t together = 8 / bits;
  const uint32_t byte = ((const uint8_t *)weights)[index / together];
  return (int32_t)(byte << (32 - bits - index % together * bits)) >> (32 - bits);
}

/// Packs one block of column `n`.
static void pack_column(const weight_format *format, source from, size_t block, size_t step, size_t width, size_t n,
                        uint8_t *weights, int32_t *sums) {
  const size_t depth = format->segments * format->segment_values, words = format->segment_words;
  const size_t index = ((from.first + n) * format->blocks + block) * depth;
  const size_t count = format->packed_words * step * width;
  uint32_t sum = 0;
  for (size_t s = 0; s < format->segments; s++)
    for (size_t k = 0; k < format->segment_values; k++) {
      const int32_t weight = weight_at(from.weights, format->bits, index + s * format->segment_values + k);
      const size_t at = ((s * words + k / step) * width + n) * step + k % step;
      if (format->bits == 8)
        weights[at] = (uint8_t)weight;
      else
        swl_q8_store_small(weights, at, count, format->bits, weight);
      sum += (uint32_t)weight;
    }
  sums[n] = (int32_t)sum;
}

static void pack_panel(const swl_hybrid_kernels *kernels, const weight_format *format, source from, size_t width,
                       unsigned char *panel) {
  for (size_t block = 0; block < format->blocks; block++) {
    int32_t *sums = (int32_t *)(void *)panel;
    float *scales = (float *)(void *)(sums + width), *bias = scales + width;
    for (size_t n = 0; n < from.present; n++) {
      memcpy(scales + n, from.scales + (from.first + n) * format->blocks + block, sizeof *scales);
      if (from.bias && block == 0)
        memcpy(bias + n, (const unsigned char *)from.bias + (from.first + n) * sizeof(float), sizeof *bias);
      pack_column(format, from, block, swl_hybrid_step(kernels), width, n, (uint8_t *)(bias + width), sums);
    }
    panel = (unsigned char *)(bias + width) + weights_of(kernels, format, width) * format->bits / 8;
  }
}

void swl_hybrid_pack(swl_isa isa, const swl_f32_conv_params *params, const void *weights, const float *scales,
                     const void *bias, void *packed) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const swl_hybrid_layout layout = swl_hybrid_layout_of(kernels, params);
  const weight_format format = format_of(kernels, params, &layout);
  const size_t columns = params->out_channels / params->groups;
  memset(packed, 0, swl_hybrid_packed_bytes(isa, params));
  unsigned char *panel = packed;
  for (size_t group = 0; group < params->groups; group++)
    for (size_t first = 0; first < columns;) {
      const size_t width = kernels->widths[swl_panel(kernels->widths, columns - first)], left = columns - first;
      const source from = {weights, bias, scales, group * columns + first, left < width ? left : width};
      pack_panel(kernels, &format, from, width, panel);
      panel += width * column_bytes(kernels, &format);
      first += width;
    }
}

/// Scratch for the offsets of segments.
static size_t offset_bytes(const swl_hybrid_layout *layout) {
  return swl_q8_align(swl_q8_product(layout->segments, sizeof(size_t)));
}

size_t swl_hybrid_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const swl_hybrid_layout layout = swl_hybrid_layout_of(kernels, params);
  const weight_format format = format_of(kernels, params, &layout);
  const size_t widened = format.bits == 8 ? 0 : weights_of(kernels, &format, kernels->widths[0]);
  return swl_q8_sum(offset_bytes(&layout), widened);
}

/// Rows of partial sums that are added to the output at a time.
enum { PARTIAL_ROWS = 16, WIDEST = 64 };

/// One block of one panel. All but the first add to the output; the last one limits it.
static void multiply_block(const swl_hybrid_kernels *kernels, const swl_f32_conv_params *p, int panel,
                           swl_hybrid_run run, size_t rows, bool is_first, bool is_last) {
  float partial[PARTIAL_ROWS * WIDEST], *output = run.output;
  const size_t stride = run.output_stride;
  run.output = partial;
  run.output_stride = WIDEST;
  run.minimum = -INFINITY;
  run.maximum = INFINITY;
  for (size_t row = 0; row < rows; row += PARTIAL_ROWS) {
    const size_t count = rows - row < PARTIAL_ROWS ? rows - row : PARTIAL_ROWS;
    kernels->tile[panel](&run, count);
    run.rows += count;
    run.group += count * run.group_stride;
    for (size_t r = 0; r < count; r++, output += stride)
      for (size_t n = 0; n < run.columns; n++) {
        const float sum = is_first ? partial[r * WIDEST + n] : output[n] + partial[r * WIDEST + n];
        const float raised = sum < p->minimum ? p->minimum : sum;
        output[n] = !is_last ? sum : raised > p->maximum ? p->maximum : raised;
      }
  }
}

/// `widened` is scratch for weights below 8 bits.
static void multiply(swl_isa isa, const swl_hybrid_kernels *kernels, const swl_f32_conv_params *p,
                     const weight_format *format, const void *packed, swl_hybrid_run run, size_t rows,
                     size_t column_begin, size_t column_end, void *widened) {
  float *output = run.output;
  run.segment_words = format->segment_words;
  for (size_t n = column_begin; n < column_end;) {
    const int panel = swl_panel(kernels->widths, p->out_channels / p->groups - n);
    const size_t width = kernels->widths[panel], count = weights_of(kernels, format, width);
    const unsigned char *block = (const unsigned char *)packed + n * column_bytes(kernels, format);
    run.output = output + n;
    run.columns = column_end - n < width ? column_end - n : width;
    for (size_t b = 0; b < format->blocks; b++) {
      const size_t behind = b * format->words * sizeof(uint32_t);
      if (format->blocks > 1)
        run.segments = &behind;
      run.sums = (const int32_t *)(const void *)block;
      run.scales = (const float *)(const void *)(run.sums + width);
      run.bias = run.scales + width;
      run.weights = (const int8_t *)(run.bias + width);
      block = (const unsigned char *)run.weights + count * format->bits / 8;
      if (format->bits < 8) {
        swl_q8_widen(isa, (const uint8_t *)run.weights, count, format->bits, false, widened);
        run.weights = widened;
      }
      if (format->blocks == 1)
        kernels->tile[panel](&run, rows);
      else
        multiply_block(kernels, p, panel, run, rows, b == 0, b + 1 == format->blocks);
    }
    n += width;
  }
}

/// Where the segments of a group lie in a window.
static void set_segments(const swl_f32_conv_params *p, const swl_hybrid_layout *layout, size_t group,
                         size_t *segments) {
  const size_t columns = swl_reads_whole_rows(p) ? 1 : p->kernel_width, pixel = p->in_channels * layout->element_bytes;
  const size_t first = pixel / p->groups * group;
  for (size_t ky = 0; ky < p->kernel_height; ky++)
    for (size_t kx = 0; kx < columns; kx++)
      *segments++ = first + ky * p->dilation_height * layout->row_bytes + kx * p->dilation_width * pixel;
}

/// Pixels whose windows are listed together: a multiple of every tile's rows.
enum { PIXELS = 96 };

/// Where the windows of `count` output pixels begin, the first being number `pixel` of the picture at `stored`.
static void list_windows(const swl_f32_conv_params *p, const swl_hybrid_layout *layout, const unsigned char *stored,
                         size_t pixel, size_t count, const unsigned char **windows) {
  const size_t x_step = p->stride_width * p->in_channels * layout->element_bytes;
  const size_t y_step = p->stride_height * layout->row_bytes;
  const unsigned char *line = stored + pixel / p->out_width * y_step;
  for (size_t x = pixel % p->out_width; count > 0; line += y_step, x = 0) {
    const size_t here = count < p->out_width - x ? count : p->out_width - x;
    const unsigned char *window = line + x * x_step;
    for (size_t i = 0; i < here; i++, window += x_step)
      windows[i] = window;
    windows += here;
    count -= here;
  }
}

void swl_hybrid_conv(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const void *quantized,
                     float *output, void *scratch, size_t row_begin, size_t row_end, size_t column_begin,
                     size_t column_end) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const swl_hybrid_layout layout = swl_hybrid_layout_of(kernels, params);
  const weight_format format = format_of(kernels, params, &layout);
  const unsigned char *stored = (const unsigned char *)quantized + layout.group_bytes;
  const size_t image_pixels = params->out_height * params->out_width, end = row_end * params->out_width;
  const bool pointwise = swl_is_pointwise(params);
  const unsigned char *windows[PIXELS];
  const size_t columns = params->out_channels / params->groups;
  const size_t packed_bytes = params->groups == 1 ? 0 : group_bytes(kernels, &format, columns);
  set_segments(params, &layout, 0, scratch);
  size_t configured = 0;
  swl_hybrid_run run = {
      .rows = windows,
      .segments = scratch,
      .segment_count = layout.segments,
      .group_stride = pointwise ? 1 : 0,
      .output_stride = params->out_channels,
      .minimum = params->minimum,
      .maximum = params->maximum,
      .configured = &configured,
  };
  for (size_t pixel = row_begin * params->out_width, count; pixel < end; pixel += count) {
    count = end - pixel < PIXELS ? end - pixel : PIXELS;
    size_t group = pixel;
    if (pointwise) {
      for (size_t i = 0; i < count; i++)
        windows[i] = stored + (pixel + i) * layout.bytes_per_group;
    } else {
      group = pixel / image_pixels;
      const size_t left = (group + 1) * image_pixels - pixel;
      count = count < left ? count : left;
      list_windows(params, &layout, stored + group * layout.bytes_per_group, pixel % image_pixels, count, windows);
    }
    run.group = (const swl_hybrid_group *)quantized + group;
    void *widened = (unsigned char *)scratch + offset_bytes(&layout);
    run.output = output + pixel * params->out_channels;
    if (params->groups == 1) {
      multiply(isa, kernels, params, &format, packed, run, count, column_begin, column_end, widened);
      continue;
    }
    for (size_t g = 0; g < params->groups; g++, run.output += columns) {
      set_segments(params, &layout, g, scratch);
      multiply(isa, kernels, params, &format, (const unsigned char *)packed + g * packed_bytes, run, count, 0, columns,
               widened);
    }
  }
  if (configured > 0)
    kernels->end();
}
