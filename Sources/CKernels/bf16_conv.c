#include "bf16_conv.h"
#include "bf16_kernels.h"
#include <string.h>

// The rows of input below a block of output rows are converted into scratch once, with zeros for the padding around
// them, so that every window of the block is read there in the same way.

enum {
  LANES = SWL_BF16_LANES,
  TILE = SWL_BF16_TILE_PIXELS,
  /// Elements of scratch that a block of more than one row may fill: half a first-level and a second-level cache hold
  /// them.
  BLOCK_ELEMENTS = 24 * 1024,
};

/// Rows and columns of input from the first tap of a window to the last.
static size_t reach(size_t window, size_t dilation) { return (window - 1) * dilation + 1; }

static size_t rows_below(const swl_f32_conv_params *p, size_t rows) {
  return (rows - 1) * p->stride_height + reach(p->kernel_height, p->dilation_height);
}

/// Contiguous elements of a window: those of a row of it, or of a pixel.
static size_t stretch(const swl_f32_conv_params *p) {
  return p->dilation_width == 1 ? p->kernel_width * p->in_channels : p->in_channels;
}

static size_t stretch_count(const swl_f32_conv_params *p) {
  return p->dilation_width == 1 ? p->kernel_height : p->kernel_height * p->kernel_width;
}

/// Pairs of a stretch. The partner of an odd element that ends it has a weight of 0.
static size_t stretch_pairs(const swl_f32_conv_params *p) { return (stretch(p) + 1) / 2; }

/// Columns of input below `columns` output columns, and one for the partner of the last element.
static size_t columns_below(const swl_f32_conv_params *p, size_t columns) {
  return (columns - 1) * p->stride_width + reach(p->kernel_width, p->dilation_width) + stretch(p) % 2;
}

/// Elements of a converted row.
static size_t row_elements(const swl_f32_conv_params *p, size_t columns) {
  return columns_below(p, columns) * p->in_channels;
}

bool swl_bf16_serves(const swl_f32_conv_params *p) {
#ifdef SWL_WITHOUT_BF16
  (void)p;
  return false;
#else
  enum { SHORTEST = 8, LEAST_DEPTH = 24, FURTHEST = 64 };
  // The element behind a pixel's last one may be in what another thread converts.
  const bool ends_alone = p->kernel_height * p->kernel_width == 1 && p->in_channels % 2 != 0;
  return p->bfloat16 && p->groups == 1 && !ends_alone && stretch(p) >= SHORTEST &&
         stretch_count(p) * stretch(p) >= LEAST_DEPTH && reach(p->kernel_height, p->dilation_height) <= FURTHEST &&
         reach(p->kernel_width, p->dilation_width) <= FURTHEST;
#endif
}

static size_t panel_bytes(const swl_f32_conv_params *p) {
  return LANES * sizeof(float) * (1 + stretch_count(p) * stretch_pairs(p));
}

size_t swl_bf16_conv_packed_bytes(const swl_f32_conv_params *p) {
  return (p->out_channels + LANES - 1) / LANES * panel_bytes(p);
}

/// The weights of one channel and one stretch, `count` of them, as every 16th pair of `packed`.
static void pack_stretch(const swl_bf16_kernels *kernels, const unsigned char *weights, size_t count,
                         uint16_t *packed) {
  enum { STEP = 128 };
  for (size_t part; count > 0; count -= part, weights += part * sizeof(float)) {
    float values[STEP];
    uint16_t rounded[STEP + 1];
    part = count < STEP ? count : STEP;
    memcpy(values, weights, part * sizeof(float));
    kernels->convert(values, part, rounded);
    rounded[part] = 0;
    for (size_t i = 0; i < part; i += 2, packed += 2 * LANES)
      memcpy(packed, rounded + i, 2 * sizeof *packed);
  }
}

void swl_bf16_conv_pack(swl_isa isa, const swl_f32_conv_params *p, const void *weights, const void *bias,
                        void *packed) {
  const swl_bf16_kernels *kernels = swl_bf16_kernels_for(isa);
  const size_t length = stretch(p), stretches = stretch_count(p), bytes = panel_bytes(p);
  const size_t rest = p->out_channels % LANES;
  if (rest > 0)
    memset((unsigned char *)packed + p->out_channels / LANES * bytes, 0, bytes);
  for (size_t n = 0; n < p->out_channels; n++) {
    unsigned char *panel = (unsigned char *)packed + n / LANES * bytes;
    float *biases = (float *)(void *)panel;
    biases[n % LANES] = 0;
    if (bias)
      memcpy(biases + n % LANES, (const unsigned char *)bias + n * sizeof(float), sizeof(float));
    uint16_t *first = (uint16_t *)(void *)(panel + LANES * sizeof(float)) + 2 * (n % LANES);
    const unsigned char *channel = (const unsigned char *)weights + n * stretches * length * sizeof(float);
    for (size_t i = 0; i < stretches; i++)
      pack_stretch(kernels, channel + i * length * sizeof(float), length, first + i * stretch_pairs(p) * 2 * LANES);
  }
}

/// Output rows whose input is converted together.
static size_t rows_per_block(const swl_f32_conv_params *p, size_t elements) {
  const size_t fit = BLOCK_ELEMENTS / elements, window = reach(p->kernel_height, p->dilation_height);
  const size_t rows = fit > window ? (fit - window) / p->stride_height + 1 : 1;
  return rows < p->out_height ? rows : p->out_height;
}

/// Whole tiles, so that the last block alone has a part of one.
static size_t pixels_per_block(const swl_f32_conv_params *p) {
  const size_t tiles = BLOCK_ELEMENTS / p->in_channels / TILE;
  return (tiles > 4 ? tiles : 4) * TILE;
}

size_t swl_bf16_conv_scratch_bytes(const swl_f32_conv_params *p) {
  if (p->batches == 0 || p->out_height == 0 || p->out_width == 0)
    return 0;
  if (swl_is_pointwise(p)) { // of an even number of channels
    const size_t pixels = p->batches * p->out_height * p->out_width, most = pixels_per_block(p);
    return (pixels < most ? pixels : most) * p->in_channels * sizeof(uint16_t);
  }
  const size_t elements = row_elements(p, p->out_width);
  const size_t bytes = rows_below(p, rows_per_block(p, elements)) * elements * sizeof(uint16_t);
  return (bytes + sizeof(float) - 1) / sizeof(float) * sizeof(float);
}

static swl_bf16_run run_of(const swl_f32_conv_params *p, const void *packed, size_t pitch) {
  return (swl_bf16_run){
      .pixel_stride = p->stride_width * p->in_channels,
      .outer_count = p->kernel_height,
      .outer_stride = p->dilation_height * pitch,
      .inner_count = stretch_count(p) / p->kernel_height,
      .inner_stride = p->dilation_width * p->in_channels,
      .pairs = stretch_pairs(p),
      .panels = packed,
      .panel_bytes = panel_bytes(p),
      .channels = p->out_channels,
      .output_stride = p->output_pixel > 0 ? p->output_pixel : p->out_channels,
      .minimum = p->minimum,
      .maximum = p->maximum,
  };
}

/// Tiles of the same number of pixels, until there are enough to go through the weights for.
typedef struct tile_list {
  const swl_bf16_kernels *kernels;
  const swl_bf16_run *run;
  size_t pixels, count;
  swl_bf16_tile tiles[32];
} tile_list;

static void flush(tile_list *list) {
  if (list->count > 0)
    list->kernels->multiply(list->run, list->tiles, list->count, list->pixels);
  list->count = 0;
}

static void add_tile(tile_list *list, const uint16_t *input, float *output) {
  if (list->count == sizeof list->tiles / sizeof *list->tiles)
    flush(list);
  list->tiles[list->count++] = (swl_bf16_tile){input, output};
}

/// The tiles of `rows` rows of `width` pixels, `pitch` elements of input and `output_pitch` of output apart. Those
/// that end a row come last: they have fewer pixels.
static void multiply_rows(const swl_bf16_kernels *kernels, const swl_bf16_run *run, const uint16_t *input, size_t pitch,
                          float *output, size_t output_pitch, size_t rows, size_t width) {
  tile_list list = {.kernels = kernels, .run = run, .pixels = TILE};
  const size_t whole = width / TILE * TILE;
  for (size_t row = 0; row < rows; row++)
    for (size_t x = 0; x < whole; x += TILE)
      add_tile(&list, input + row * pitch + x * run->pixel_stride,
               output + row * output_pitch + x * run->output_stride);
  flush(&list);
  list.pixels = width - whole;
  for (size_t row = 0; list.pixels > 0 && row < rows; row++)
    add_tile(&list, input + row * pitch + whole * run->pixel_stride,
             output + row * output_pitch + whole * run->output_stride);
  flush(&list);
}

void swl_bf16_conv_pixels(swl_isa isa, const swl_f32_conv_params *p, const void *packed, const float *input,
                          float *output, void *scratch, swl_range pixels) {
  const swl_bf16_kernels *kernels = swl_bf16_kernels_for(isa);
  const swl_bf16_run run = run_of(p, packed, 0);
  const size_t step = pixels_per_block(p);
  for (size_t pixel = pixels.begin, count; pixel < pixels.end; pixel += count) {
    count = pixels.end - pixel < step ? pixels.end - pixel : step;
    kernels->convert(input + pixel * p->in_channels, count * p->in_channels, scratch);
    multiply_rows(kernels, &run, scratch, 0, output + pixel * p->out_channels, 0, 1, count);
  }
}

/// Converts one input row from `column` on, `columns` of them; zeros for the padding.
static void convert_row(const swl_bf16_kernels *kernels, const swl_f32_conv_params *p, const float *row,
                        ptrdiff_t column, size_t columns, uint16_t *out) {
  const swl_row_span span = swl_row_below(p, column, columns);
  memset(out, 0, span.before * sizeof *out);
  if (span.present > 0)
    kernels->convert(row + span.first, span.present, out + span.before);
  memset(out + span.before + span.present, 0, span.after * sizeof *out);
}

void swl_bf16_conv_part(swl_isa isa, const swl_f32_conv_params *p, const void *packed, const float *input,
                        float *output, void *scratch, swl_range rows, swl_range columns) {
  const swl_bf16_kernels *kernels = swl_bf16_kernels_for(isa);
  const size_t width = columns.end - columns.begin, pitch = row_elements(p, width);
  const swl_bf16_run run = run_of(p, packed, pitch);
  const size_t output_pitch = p->output_row > 0 ? p->output_row : p->out_width * p->out_channels;
  const size_t step = rows_per_block(p, row_elements(p, p->out_width));
  for (size_t row = rows.begin, end; row < rows.end; row = end) {
    const size_t y = row % p->out_height, left = p->out_height - y;
    end = row + (step < left ? step : left);
    end = end < rows.end ? end : rows.end;
    const float *image = input + row / p->out_height * p->in_height * p->in_width * p->in_channels;
    const size_t below = rows_below(p, end - row);
    for (size_t i = 0; i < below; i++) {
      if (p->dilation_height == 1 && i % p->stride_height >= p->kernel_height)
        continue; // between the windows
      uint16_t *converted = (uint16_t *)scratch + i * pitch;
      const ptrdiff_t from = swl_first_row(p, y) + (ptrdiff_t)i;
      if (from < 0 || from >= (ptrdiff_t)p->in_height)
        memset(converted, 0, pitch * sizeof *converted);
      else
        convert_row(kernels, p, image + (size_t)from * p->in_width * p->in_channels, swl_first_column(p, columns.begin),
                    pitch / p->in_channels, converted);
    }
    multiply_rows(kernels, &run, scratch, p->stride_height * pitch,
                  output + row * output_pitch + columns.begin * run.output_stride, output_pitch, end - row, width);
  }
}
