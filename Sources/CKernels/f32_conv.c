#include "f32_conv.h"
#include "f32_narrow.h"
#include <string.h>

// A row of output is cut into at most three runs. The windows of the middle run lie inside the input and are read in
// place. Those of the left and the right run touch the padding: the part of the input below them is copied into scratch
// with zeros around it. Kernel rows above and below the input are left out.

typedef struct row_runs {
  size_t left, middle, right;
} row_runs;

/// Whole tiles for all runs but the last.
static row_runs runs_of_row(const swl_f32_conv_params *p, size_t tile_rows) {
  swl_range inside = swl_outputs_inside(p);
  size_t width = p->out_width;
  size_t left = (inside.begin + tile_rows - 1) / tile_rows * tile_rows;
  size_t middle = inside.end > left ? inside.end - left : 0;
  if (inside.end < width)
    middle -= middle % tile_rows;
  if (middle == 0)
    return (row_runs){.left = width};
  return (row_runs){.left = left, .middle = middle, .right = width - left - middle};
}

/// Input columns below a run of `pixels` output pixels.
static size_t columns_below(const swl_f32_conv_params *p, size_t pixels) {
  return pixels ? (pixels - 1) * p->stride_width + (p->kernel_width - 1) * p->dilation_width + 1 : 0;
}

static size_t patch_elements(const swl_f32_conv_params *p, size_t pixels) {
  return p->kernel_height * columns_below(p, pixels) * p->in_channels;
}

static swl_f32_gemm_params pointwise(const swl_f32_conv_params *p) {
  return (swl_f32_gemm_params){
      .depth = p->in_channels, .columns = p->out_channels, .minimum = p->minimum, .maximum = p->maximum};
}

static size_t group_depth(const swl_f32_conv_params *p) {
  return p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
}

static size_t group_elements(const swl_f32_kernels *kernels, const swl_f32_conv_params *p) {
  return swl_padded_columns(kernels->widths, p->out_channels / p->groups) * (1 + group_depth(p));
}

size_t swl_f32_conv_packed_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  return params->groups * group_elements(swl_f32_kernels_for(isa), params) * sizeof(float);
}

void swl_f32_conv_pack_groups(swl_isa isa, const swl_f32_conv_params *params, swl_f32_weight_layout layout,
                              void *packed) {
  const swl_f32_kernels *kernels = swl_f32_kernels_for(isa);
  const size_t columns = params->out_channels / params->groups;
  float *group = packed;
  for (size_t g = 0; g < params->groups; g++, group += group_elements(kernels, params)) {
    swl_f32_pack_panels(kernels, layout, group_depth(params), columns, group);
    layout.weights += columns * layout.column_stride * sizeof(float);
    if (layout.bias)
      layout.bias += columns * sizeof(float);
  }
}

void swl_f32_conv_pack(swl_isa isa, const swl_f32_conv_params *params, const void *weights, const void *bias,
                       void *packed) {
  swl_f32_weight_layout layout = {
      .weights = weights, .bias = bias, .column_stride = group_depth(params), .depth_stride = 1};
  swl_f32_conv_pack_groups(isa, params, layout, packed);
}

/// Output rows that share one pass over the panels: enough pixels to make loading the weights cheap, few enough for the
/// patches to stay in the second-level cache.
static size_t rows_per_block(const swl_f32_conv_params *p, size_t patches) {
  enum { PIXELS = 96, PATCH_ELEMENTS = 48 * 1024 };
  size_t rows = (PIXELS + p->out_width - 1) / p->out_width;
  if (patches && rows > PATCH_ELEMENTS / patches)
    rows = PATCH_ELEMENTS / patches;
  return rows ? rows : 1;
}

size_t swl_f32_conv_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  if (swl_is_pointwise(params) || params->out_width == 0)
    return 0;
  if (swl_is_narrow(swl_f32_kernels_for(isa), params))
    return swl_f32_narrow_scratch_bytes(params);
  row_runs runs = runs_of_row(params, swl_f32_kernels_for(isa)->rows);
  size_t patches = patch_elements(params, runs.left) + patch_elements(params, runs.right);
  return patches * rows_per_block(params, patches) * sizeof(float);
}

/// Copies kernel rows `taps` of the windows below a run that starts at input column `column`, zeros for the padding.
static void copy_patch(const swl_f32_conv_params *p, const float *image, ptrdiff_t row, swl_range taps,
                       ptrdiff_t column, size_t columns, float *patch) {
  const ptrdiff_t width = (ptrdiff_t)p->in_width, end = column + (ptrdiff_t)columns;
  const size_t channels = p->in_channels;
  ptrdiff_t first = column < 0 ? 0 : column, last = end > width ? width : end;
  if (first > last)
    first = last = column < 0 ? end : column;
  size_t before = (size_t)(first - column) * channels, present = (size_t)(last - first) * channels;
  size_t after = (size_t)(end - last) * channels;
  for (size_t ky = taps.begin; ky < taps.end; ky++, patch += columns * channels) {
    size_t y = (size_t)(row + (ptrdiff_t)(ky * p->dilation_height));
    memset(patch, 0, before * sizeof *patch);
    if (present)
      memcpy(patch + before, image + (y * p->in_width + (size_t)first) * channels, present * sizeof *patch);
    memset(patch + before + present, 0, after * sizeof *patch);
  }
}

/// What stays the same during one call.
typedef struct conv_pass {
  const swl_f32_conv_params *p;
  const swl_f32_kernels *kernels;
  const float *packed, *input;
  float *output, *scratch;
  row_runs runs;
  /// The columns to compute.
  swl_range columns;
  size_t left_patch, right_patch, depth, group_in, group_out, group_elements;
} conv_pass;

/// The windows of one run, for all panels: `source` is the first element of the window of output column `first`.
typedef struct run_source {
  size_t first;
  const float *source;
  size_t row_pitch;
} run_source;

/// Those of the run's `pixels` that are among the columns to compute; `output` is that of column 0.
static void compute_run(const conv_pass *pass, swl_f32_run *run, int panel, run_source at, size_t pixels,
                        float *output) {
  const swl_f32_conv_params *p = pass->p;
  const size_t begin = at.first > pass->columns.begin ? at.first : pass->columns.begin;
  const size_t end = at.first + pixels < pass->columns.end ? at.first + pixels : pass->columns.end;
  if (begin >= end)
    return;
  run->row_stride = p->stride_width * p->in_channels;
  run->input = at.source + (begin - at.first) * run->row_stride;
  run->outer_stride = at.row_pitch;
  run->output = output + begin * run->output_stride;
  pass->kernels->tile[panel](run, end - begin);
}

/// One output row against one panel of one group.
static void compute_row(const conv_pass *pass, size_t row, const float *patches, size_t group, size_t n, int panel) {
  const swl_f32_conv_params *p = pass->p;
  const size_t channels = p->in_channels, width = pass->kernels->widths[panel];
  const size_t y = row % p->out_height, in_channel = group * pass->group_in;
  const ptrdiff_t first_row = swl_first_row(p, y);
  const swl_range taps = swl_taps_inside(first_row, p->kernel_height, p->dilation_height, p->in_height);
  const bool joined = p->groups == 1 && p->dilation_width == 1;
  const float *bias = pass->packed + group * pass->group_elements + n * (1 + pass->depth);
  swl_f32_run run = {
      .outer_count = taps.end - taps.begin,
      .inner_count = joined ? 1 : p->kernel_width,
      .inner_stride = p->dilation_width * channels,
      .length = joined ? p->kernel_width * channels : pass->group_in,
      .bias = bias,
      .weights = bias + width * (1 + taps.begin * p->kernel_width * pass->group_in),
      .output_stride = p->output_pixel > 0 ? p->output_pixel : p->out_channels,
      .columns = pass->group_out - n < width ? pass->group_out - n : width,
      .minimum = p->minimum,
      .maximum = p->maximum,
  };
  const size_t pitch = p->output_row > 0 ? p->output_row : p->out_width * p->out_channels;
  float *output = pass->output + row * pitch + group * pass->group_out + n;
  const row_runs runs = pass->runs;

  run_source left = {0, patches + in_channel, columns_below(p, runs.left) * channels};
  compute_run(pass, &run, panel, left, runs.left, output);
  if (runs.middle) {
    size_t top = taps.begin < taps.end ? (size_t)(first_row + (ptrdiff_t)(taps.begin * p->dilation_height)) : 0;
    const float *image = pass->input + row / p->out_height * p->in_height * p->in_width * channels;
    size_t column = (size_t)swl_first_column(p, runs.left);
    run_source middle = {runs.left, image + (top * p->in_width + column) * channels + in_channel,
                         p->dilation_height * p->in_width * channels};
    compute_run(pass, &run, panel, middle, runs.middle, output);
  }
  run_source right = {runs.left + runs.middle, patches + pass->left_patch + in_channel,
                      columns_below(p, runs.right) * channels};
  compute_run(pass, &run, panel, right, runs.right, output);
}

static void copy_patches(const conv_pass *pass, size_t row, float *patches) {
  const swl_f32_conv_params *p = pass->p;
  const row_runs runs = pass->runs;
  const float *image = pass->input + row / p->out_height * p->in_height * p->in_width * p->in_channels;
  const ptrdiff_t first_row = swl_first_row(p, row % p->out_height);
  const swl_range taps = swl_taps_inside(first_row, p->kernel_height, p->dilation_height, p->in_height);
  if (runs.left)
    copy_patch(p, image, first_row, taps, swl_first_column(p, 0), columns_below(p, runs.left), patches);
  if (runs.right)
    copy_patch(p, image, first_row, taps, swl_first_column(p, runs.left + runs.middle), columns_below(p, runs.right),
               patches + pass->left_patch);
}

static void compute_block(const conv_pass *pass, size_t row_begin, size_t row_end) {
  const size_t patches = pass->left_patch + pass->right_patch;
  for (size_t row = row_begin; row < row_end; row++)
    copy_patches(pass, row, pass->scratch + (row - row_begin) * patches);
  for (size_t group = 0; group < pass->p->groups; group++)
    for (size_t n = 0; n < pass->group_out;) {
      int panel = swl_panel(pass->kernels->widths, pass->group_out - n);
      for (size_t row = row_begin; row < row_end; row++)
        compute_row(pass, row, pass->scratch + (row - row_begin) * patches, group, n, panel);
      n += pass->kernels->widths[panel];
    }
}

void swl_f32_conv_part(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const float *input,
                       float *output, void *scratch, swl_range rows, swl_range columns) {
  if (params->out_width == 0)
    return;
  const swl_f32_kernels *kernels = swl_f32_kernels_for(isa);
  if (swl_is_narrow(kernels, params)) {
    swl_f32_narrow(kernels, params, packed, input, output, scratch, rows, columns);
    return;
  }
  const row_runs runs = runs_of_row(params, kernels->rows);
  const conv_pass pass = {
      .p = params,
      .kernels = kernels,
      .packed = packed,
      .input = input,
      .output = output,
      .scratch = scratch,
      .runs = runs,
      .columns = columns,
      .left_patch = patch_elements(params, runs.left),
      .right_patch = patch_elements(params, runs.right),
      .depth = group_depth(params),
      .group_in = params->in_channels / params->groups,
      .group_out = params->out_channels / params->groups,
      .group_elements = group_elements(kernels, params),
  };
  const size_t step = rows_per_block(params, pass.left_patch + pass.right_patch);
  for (size_t row = rows.begin; row < rows.end; row += step)
    compute_block(&pass, row, rows.end - row < step ? rows.end : row + step);
}

/// Columns of a unit where rows are cut.
enum { FEW_ROWS = 8, UNIT_COLUMNS = 64 };

static size_t units_of_row(const swl_f32_conv_params *p) {
  const bool cuts = p->batches * p->out_height < FEW_ROWS && p->out_width > UNIT_COLUMNS && !swl_is_pointwise(p);
  return cuts ? (p->out_width + UNIT_COLUMNS - 1) / UNIT_COLUMNS : 1;
}

size_t swl_f32_conv_units(const swl_f32_conv_params *params) {
  return params->batches * params->out_height * units_of_row(params);
}

void swl_f32_conv(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const float *input, float *output,
                  void *scratch, size_t begin, size_t end) {
  if (swl_is_pointwise(params)) {
    swl_f32_gemm_params gemm = pointwise(params);
    swl_f32_gemm(isa, &gemm, packed, input, output, begin * params->out_width, end * params->out_width, 0,
                 gemm.columns);
    return;
  }
  const size_t units = units_of_row(params), width = params->out_width;
  for (size_t unit = begin, count; unit < end; unit += count) {
    const size_t row = unit / units, part = unit % units, left = end - unit;
    const size_t rows = part == 0 && left >= units ? left / units : 1;
    count = rows * units;
    if (part != 0 || left < units)
      count = units - part < left ? units - part : left;
    const size_t last = (part + count) * UNIT_COLUMNS;
    const bool whole = count >= units;
    swl_f32_conv_part(isa, params, packed, input, output, scratch, (swl_range){row, row + rows},
                      (swl_range){whole ? 0 : part * UNIT_COLUMNS, whole || last > width ? width : last});
  }
}
