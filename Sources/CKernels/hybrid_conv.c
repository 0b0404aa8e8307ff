#include "f32_geometry.h"
#include "hybrid_layout.h"
#include "q8_kernels.h"
#include <math.h>
#include <string.h>

// Pointwise: the quantized pixels are the rows of the product. Otherwise the windows of a few output pixels are
// gathered into rows in scratch, padding as the stored zero.

size_t swl_hybrid_column_step(swl_isa isa) { return swl_hybrid_kernels_for(isa)->widths[0]; }

/// Numbers of a window.
static size_t depth_of(const swl_f32_conv_params *p) { return p->kernel_height * p->kernel_width * p->in_channels; }

/// Weights below 8 bits stay packed; blocks of the depth may have scales of their own.
typedef struct weight_format {
  size_t bits;
  size_t blocks;
  /// Of one block: numbers, words, and words as they are packed, so that packed blocks end at a multiple of 4 bytes.
  size_t depth, words, packed_words;
} weight_format;

static weight_format format_of(const swl_hybrid_kernels *kernels, const swl_f32_conv_params *p) {
  weight_format format = {.bits = p->weight_bits == 0 ? 8 : p->weight_bits, .blocks = 1, .depth = depth_of(p)};
  if (p->weight_block > 0) {
    format.blocks = format.depth / p->weight_block;
    format.depth = p->weight_block;
  }
  format.words = swl_hybrid_words(kernels, format.depth);
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

size_t swl_hybrid_packed_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const weight_format format = format_of(kernels, params);
  return swl_padded_columns(kernels->widths, params->out_channels) * column_bytes(kernels, &format);
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
  const size_t index = ((from.first + n) * format->blocks + block) * format->depth;
  const size_t count = format->packed_words * step * width;
  uint32_t sum = 0;
  for (size_t k = 0; k < format->depth; k++) {
    const int32_t weight = weight_at(from.weights, format->bits, index + k);
    const size_t at = (k / step * width + n) * step + k % step;
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
  const weight_format format = format_of(kernels, params);
  const size_t columns = params->out_channels;
  memset(packed, 0, swl_hybrid_packed_bytes(isa, params));
  unsigned char *panel = packed;
  for (size_t first = 0; first < columns;) {
    size_t width = kernels->widths[swl_panel(kernels->widths, columns - first)];
    const source from = {weights, bias, scales, first, columns - first < width ? columns - first : width};
    pack_panel(kernels, &format, from, width, panel);
    panel += width * column_bytes(kernels, &format);
    first += width;
  }
}

/// Rows gathered at once: as many as fit the second-level cache, in whole tiles.
static size_t gathered_rows(const swl_hybrid_kernels *kernels, size_t row_bytes) {
  enum { BYTES = 64 * 1024 };
  size_t rows = BYTES / (row_bytes ? row_bytes : 1) / kernels->rows * kernels->rows;
  return rows ? rows : kernels->rows;
}

static size_t row_bytes_of(const swl_hybrid_kernels *kernels, const swl_f32_conv_params *p) {
  return swl_hybrid_words(kernels, depth_of(p)) * sizeof(uint32_t);
}

/// Scratch for gathered windows.
static size_t gathered_bytes(const swl_hybrid_kernels *kernels, const swl_f32_conv_params *params) {
  if (swl_is_pointwise(params))
    return 0;
  size_t row_bytes = row_bytes_of(kernels, params), rows = gathered_rows(kernels, row_bytes);
  size_t pixels = params->out_height * params->out_width;
  return ((rows < pixels ? rows : pixels) * row_bytes + 63) & ~(size_t)63;
}

size_t swl_hybrid_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const weight_format format = format_of(kernels, params);
  const size_t widened = format.bits == 8 ? 0 : weights_of(kernels, &format, kernels->widths[0]);
  return gathered_bytes(kernels, params) + widened;
}

/// Windows of few channels are many short copies: these stay inline.
static inline void copy(unsigned char *to, const unsigned char *from, size_t count) {
  if (count > 128) {
    memcpy(to, from, count);
    return;
  }
  for (; count >= 16; count -= 16, to += 16, from += 16)
    memcpy(to, from, 16);
  for (; count >= 4; count -= 4, to += 4, from += 4)
    memcpy(to, from, 4);
  for (; count > 0; count--)
    *to++ = *from++;
}

/// Copies the window of output pixel (y, x), `zero` for what lies outside the image; returns the end of what it wrote.
static unsigned char *gather_window(const swl_f32_conv_params *p, size_t element_bytes, const unsigned char *image,
                                    int zero, size_t y, size_t x, unsigned char *row) {
  const size_t pixel = p->in_channels * element_bytes;
  const ptrdiff_t first_row = swl_first_row(p, y), first_column = swl_first_column(p, x);
  const swl_range columns = swl_taps_inside(first_column, p->kernel_width, p->dilation_width, p->in_width);
  for (size_t ky = 0; ky < p->kernel_height; ky++, row += p->kernel_width * pixel) {
    ptrdiff_t in_y = first_row + (ptrdiff_t)(ky * p->dilation_height);
    if (in_y < 0 || in_y >= (ptrdiff_t)p->in_height || columns.begin == columns.end) {
      memset(row, zero, p->kernel_width * pixel);
      continue;
    }
    const unsigned char *line = image + (size_t)in_y * p->in_width * pixel;
    if (columns.end - columns.begin < p->kernel_width) {
      memset(row, zero, columns.begin * pixel);
      memset(row + columns.end * pixel, zero, (p->kernel_width - columns.end) * pixel);
    }
    size_t in_x = (size_t)(first_column + (ptrdiff_t)(columns.begin * p->dilation_width));
    if (p->dilation_width == 1)
      copy(row + columns.begin * pixel, line + in_x * pixel, (columns.end - columns.begin) * pixel);
    else
      for (size_t kx = columns.begin; kx < columns.end; kx++, in_x += p->dilation_width)
        copy(row + kx * pixel, line + in_x * pixel, pixel);
  }
  return row;
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
    run.rows += count * run.row_words * sizeof(uint32_t);
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
static void multiply(swl_isa isa, const swl_f32_conv_params *p, const void *packed, swl_hybrid_run run, size_t rows,
                     size_t column_begin, size_t column_end, void *widened) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const weight_format format = format_of(kernels, p);
  const unsigned char *const first_row = run.rows;
  float *output = run.output;
  run.words = format.words;
  for (size_t n = column_begin; n < column_end;) {
    const int panel = swl_panel(kernels->widths, p->out_channels - n);
    const size_t width = kernels->widths[panel], count = weights_of(kernels, &format, width);
    const unsigned char *block = (const unsigned char *)packed + n * column_bytes(kernels, &format);
    run.output = output + n;
    run.columns = column_end - n < width ? column_end - n : width;
    for (size_t b = 0; b < format.blocks; b++) {
      run.rows = first_row + b * format.words * sizeof(uint32_t);
      run.sums = (const int32_t *)(const void *)block;
      run.scales = (const float *)(const void *)(run.sums + width);
      run.bias = run.scales + width;
      run.weights = (const int8_t *)(run.bias + width);
      block = (const unsigned char *)run.weights + count * format.bits / 8;
      if (format.bits < 8) {
        swl_q8_widen(isa, (const uint8_t *)run.weights, count, format.bits, false, widened);
        run.weights = widened;
      }
      if (format.blocks == 1)
        kernels->tile[panel](&run, rows);
      else
        multiply_block(kernels, p, panel, run, rows, b == 0, b + 1 == format.blocks);
    }
    n += width;
  }
}

/// Gathers the windows of `count` output pixels of one image, the first being number `pixel` in it.
static void gather(const swl_f32_conv_params *p, const swl_hybrid_layout *layout, const unsigned char *image, int zero,
                   size_t pixel, size_t count, size_t row_bytes, unsigned char *rows) {
  for (size_t i = 0; i < count; i++, rows += row_bytes) {
    size_t y = (pixel + i) / p->out_width, x = (pixel + i) % p->out_width;
    const unsigned char *end = gather_window(p, layout->element_bytes, image, zero, y, x, rows);
    size_t used = (size_t)(end - rows);
    memset(rows + used, 0, row_bytes - used);
  }
}

void swl_hybrid_conv(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const void *quantized,
                     float *output, void *scratch, size_t row_begin, size_t row_end, size_t column_begin,
                     size_t column_end) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const swl_hybrid_layout layout = swl_hybrid_layout_of(kernels, params);
  const swl_hybrid_group *groups = quantized;
  const unsigned char *stored = (const unsigned char *)quantized + layout.group_bytes;
  const size_t row_bytes = row_bytes_of(kernels, params), step = gathered_rows(kernels, row_bytes);
  const size_t image_pixels = params->out_height * params->out_width, end = row_end * params->out_width;
  const bool pointwise = swl_is_pointwise(params);
  swl_hybrid_run run = {
      .row_words = row_bytes / sizeof(uint32_t),
      .group_stride = pointwise ? 1 : 0,
      .output_stride = params->out_channels,
      .minimum = params->minimum,
      .maximum = params->maximum,
  };
  for (size_t pixel = row_begin * params->out_width, rows; pixel < end; pixel += rows) {
    size_t image = pixel / image_pixels, left = image_pixels - pixel % image_pixels;
    rows = end - pixel < step ? end - pixel : step;
    if (pointwise) {
      run.rows = stored + pixel * row_bytes;
      run.group = groups + pixel;
    } else {
      rows = rows < left ? rows : left;
      run.rows = scratch;
      run.group = groups + image;
      gather(params, &layout, stored + image * layout.bytes_per_group, run.group->zero, pixel % image_pixels, rows,
             row_bytes, scratch);
    }
    run.output = output + pixel * params->out_channels;
    multiply(isa, params, packed, run, rows, column_begin, column_end,
             (unsigned char *)scratch + gathered_bytes(kernels, params));
  }
}
