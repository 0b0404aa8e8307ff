#include "f32_narrow.h"
#include "transpose_words.h"
#include <string.h>

// The input below a block of output is laid out in planes: of each channel of each input row, the columns of one phase
// of the stride side by side, zeros for the padding. A vector of neighbouring output pixels then reads each element of
// its windows with one load. Several output rows share the planes of the rows between them.

enum { PLANE_ELEMENTS = 48 * 1024, FEWEST_COLUMNS = 64, MOST_LANES = 16 };

typedef struct planes {
  /// Output columns and rows of a block.
  size_t columns, rows;
  size_t phase_pitch, channel_pitch, row_pitch;
} planes;

static planes planes_of(const swl_f32_conv_params *p, size_t columns) {
  const size_t reach = (p->kernel_width - 1) * p->dilation_width / p->stride_width;
  planes of = {.columns = columns, .rows = 1};
  of.phase_pitch = (columns + MOST_LANES - 1) / MOST_LANES * MOST_LANES + reach;
  of.channel_pitch = of.phase_pitch * p->stride_width;
  of.row_pitch = of.channel_pitch * p->in_channels;
  return of;
}

static planes plan(const swl_f32_conv_params *p) {
  planes of = planes_of(p, p->out_width);
  while (p->kernel_height * of.row_pitch > PLANE_ELEMENTS && of.columns > FEWEST_COLUMNS)
    of = planes_of(p, (of.columns + 1) / 2);
  const size_t input_rows = of.row_pitch ? PLANE_ELEMENTS / of.row_pitch : 0;
  if (input_rows > p->kernel_height && p->stride_height <= p->kernel_height)
    of.rows += (input_rows - p->kernel_height) / p->stride_height;
  if (of.rows > p->out_height)
    of.rows = p->out_height ? p->out_height : 1;
  return of;
}

static size_t input_rows(const swl_f32_conv_params *p, size_t output_rows) {
  return (output_rows - 1) * p->stride_height + p->kernel_height;
}

size_t swl_f32_narrow_scratch_bytes(const swl_f32_conv_params *p) {
  const planes of = plan(p);
  return input_rows(p, of.rows) * of.row_pitch * sizeof(float);
}

/// Every `stride`-th pixel of a row, each channel into a row of its own.
static void spread(const float *pixels, size_t stride, size_t count, size_t channels, float *plane, size_t pitch) {
  size_t c = 0;
  for (; c + 4 <= channels; c += 4) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
      swl_transpose_words((const uint8_t *)(pixels + i * stride + c), stride * sizeof *pixels, 0,
                          (uint8_t *)(plane + c * pitch + i), pitch * sizeof *plane);
    for (; i < count; i++)
      for (size_t k = 0; k < 4; k++)
        plane[(c + k) * pitch + i] = pixels[i * stride + c + k];
  }
  for (; c < channels; c++)
    for (size_t i = 0; i < count; i++)
      plane[c * pitch + i] = pixels[i * stride + c];
}

/// The planes of one input row, `count` columns of each phase from column `first` on, which may be negative.
static void fill_row(const swl_f32_conv_params *p, const planes *of, const float *row, ptrdiff_t first, size_t count,
                     float *to) {
  const ptrdiff_t step = (ptrdiff_t)p->stride_width, width = (ptrdiff_t)p->in_width;
  for (ptrdiff_t phase = 0; phase < step; phase++, to += of->phase_pitch) {
    const ptrdiff_t start = first + phase;
    size_t before = start < 0 ? (size_t)((-start + step - 1) / step) : 0;
    size_t end = start < width ? (size_t)((width - start + step - 1) / step) : 0;
    if (end > count)
      end = count;
    if (before > end)
      before = end;
    for (size_t c = 0; c < p->in_channels; c++) {
      memset(to + c * of->channel_pitch, 0, before * sizeof *to);
      memset(to + c * of->channel_pitch + end, 0, (count - end) * sizeof *to);
    }
    if (before < end)
      spread(row + (size_t)(start + (ptrdiff_t)before * step) * p->in_channels, p->stride_width * p->in_channels,
             end - before, p->in_channels, to + before, of->channel_pitch);
  }
}

/// Output rows [begin, begin + count) of one picture, whose planes begin at input row swl_first_row(begin).
static void compute_block(const swl_f32_kernels *kernels, const swl_f32_conv_params *p, const planes *of,
                          const float *packed, const float *planes, float *output, size_t begin, size_t count,
                          size_t pixels) {
  const size_t width = swl_padded_columns(kernels->widths, p->out_channels);
  swl_f32_narrow_run run = {
      .row_pitch = of->row_pitch,
      .column_taps = p->kernel_width,
      .phase_pitch = of->phase_pitch,
      .channel_pitch = of->channel_pitch,
      .stride = p->stride_width,
      .dilation = p->dilation_width,
      .channels = p->in_channels,
      .columns = p->out_channels,
      .width = width,
      .bias = packed,
      .minimum = p->minimum,
      .maximum = p->maximum,
  };
  for (size_t y = 0; y < count; y++, output += p->out_width * p->out_channels) {
    const swl_range taps =
        swl_taps_inside(swl_first_row(p, begin + y), p->kernel_height, p->dilation_height, p->in_height);
    run.planes = planes + (y * p->stride_height + taps.begin) * of->row_pitch;
    run.row_taps = taps.end - taps.begin;
    run.weights = packed + (1 + taps.begin * p->kernel_width * p->in_channels) * width;
    run.output = output;
    kernels->narrow(&run, pixels);
  }
}

void swl_f32_narrow(const swl_f32_kernels *kernels, const swl_f32_conv_params *p, const float *packed,
                    const float *input, float *output, float *scratch, swl_range rows, swl_range columns) {
  const planes of = plan(p);
  for (size_t row = rows.begin, count; row < rows.end; row += count) {
    const size_t picture = row / p->out_height, y = row % p->out_height;
    count = p->out_height - y < of.rows ? p->out_height - y : of.rows;
    if (count > rows.end - row)
      count = rows.end - row;
    const float *image = input + picture * p->in_height * p->in_width * p->in_channels;
    const ptrdiff_t top = swl_first_row(p, y), bottom = top + (ptrdiff_t)input_rows(p, count);
    for (size_t x = columns.begin; x < columns.end; x += of.columns) {
      const size_t pixels = columns.end - x < of.columns ? columns.end - x : of.columns;
      const size_t across = planes_of(p, pixels).phase_pitch;
      for (ptrdiff_t i = top < 0 ? 0 : top; i < bottom && i < (ptrdiff_t)p->in_height; i++)
        fill_row(p, &of, image + (size_t)i * p->in_width * p->in_channels, swl_first_column(p, x), across,
                 scratch + (size_t)(i - top) * of.row_pitch);
      compute_block(kernels, p, &of, packed, scratch, output + (row * p->out_width + x) * p->out_channels, y, count,
                    pixels);
    }
  }
}
