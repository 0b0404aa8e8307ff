#include "f32_geometry.h"
#include "hybrid_layout.h"
#include <string.h>

// Pointwise: the quantized pixels are the rows of the product. Otherwise the windows of a few output pixels are
// gathered into rows in scratch, padding as the stored zero.

size_t swl_hybrid_column_step(swl_isa isa) { return swl_hybrid_kernels_for(isa)->widths[0]; }

/// Numbers of a window.
static size_t depth_of(const swl_f32_conv_params *p) { return p->kernel_height * p->kernel_width * p->in_channels; }

/// Bytes of a panel for each of its columns.
static size_t column_bytes(const swl_hybrid_kernels *kernels, const swl_f32_conv_params *p) {
  return sizeof(int32_t) + 2 * sizeof(float) + swl_hybrid_words(kernels, depth_of(p)) * swl_hybrid_step(kernels);
}

size_t swl_hybrid_packed_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  return swl_padded_columns(kernels->widths, params->out_channels) * column_bytes(kernels, params);
}

static void pack_column(const int8_t *column, size_t depth, size_t step, size_t width, size_t n, int8_t *weights,
                        int32_t *sums) {
  uint32_t sum = 0;
  for (size_t k = 0; k < depth; k++) {
    weights[(k / step * width + n) * step + k % step] = column[k];
    sum += (uint32_t)(int32_t)column[k];
  }
  sums[n] = (int32_t)sum;
}

void swl_hybrid_pack(swl_isa isa, const swl_f32_conv_params *params, const void *weights, const float *scales,
                     const void *bias, void *packed) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const size_t depth = depth_of(params), columns = params->out_channels, step = swl_hybrid_step(kernels);
  memset(packed, 0, swl_hybrid_packed_bytes(isa, params));
  unsigned char *panel = packed;
  for (size_t first = 0; first < columns;) {
    size_t width = kernels->widths[swl_panel(kernels->widths, columns - first)];
    size_t present = columns - first < width ? columns - first : width;
    int32_t *sums = (int32_t *)(void *)panel;
    float *panel_scales = (float *)(void *)(sums + width), *panel_bias = panel_scales + width;
    memcpy(panel_scales, scales + first, present * sizeof *scales);
    if (bias)
      memcpy(panel_bias, (const unsigned char *)bias + first * sizeof(float), present * sizeof(float));
    for (size_t n = 0; n < present; n++)
      pack_column((const int8_t *)weights + (first + n) * depth, depth, step, width, n, (int8_t *)(panel_bias + width),
                  sums);
    panel += width * column_bytes(kernels, params);
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

size_t swl_hybrid_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  if (swl_is_pointwise(params))
    return 0;
  size_t row_bytes = row_bytes_of(kernels, params), rows = gathered_rows(kernels, row_bytes);
  size_t pixels = params->out_height * params->out_width;
  return (rows < pixels ? rows : pixels) * row_bytes;
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

static void multiply(const swl_hybrid_kernels *kernels, const swl_f32_conv_params *p, const void *packed,
                     swl_hybrid_run run, size_t rows, size_t column_begin, size_t column_end) {
  float *output = run.output;
  for (size_t n = column_begin; n < column_end;) {
    int panel = swl_panel(kernels->widths, p->out_channels - n);
    size_t width = kernels->widths[panel];
    run.sums = (const int32_t *)(const void *)((const unsigned char *)packed + n * column_bytes(kernels, p));
    run.scales = (const float *)(const void *)(run.sums + width);
    run.bias = run.scales + width;
    run.weights = (const int8_t *)(run.bias + width);
    run.output = output + n;
    run.columns = column_end - n < width ? column_end - n : width;
    kernels->tile[panel](&run, rows);
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
      .words = row_bytes / sizeof(uint32_t),
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
    multiply(kernels, params, packed, run, rows, column_begin, column_end);
  }
}
