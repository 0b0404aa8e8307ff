#include "f32_conv.h"
#include "bf16_conv.h"
#include "f32_narrow.h"
#include <string.h>

// A row of output is cut into at most three runs. The windows of the middle run lie inside the input and are read in
// place. Those of the left and the right run touch the padding: the part of the input below them is copied into scratch
// with zeros around it, once for all output rows of a block that read it. Kernel rows above and below the input are
// left out.

typedef struct row_runs {
  size_t left, middle, right;
} row_runs;

/// Whole tiles for all runs but the last; one run, where there is padding and the row is short.
static row_runs runs_of_row(const swl_f32_conv_params *p, size_t tile_rows) {
  swl_range inside = swl_outputs_inside(p);
  size_t width = p->out_width;
  size_t left = (inside.begin + tile_rows - 1) / tile_rows * tile_rows;
  size_t middle = inside.end > left ? inside.end - left : 0;
  if (inside.end < width)
    middle -= middle % tile_rows;
  if (middle == 0 || (left > 0 && middle <= 2 * tile_rows))
    return (row_runs){.left = width};
  return (row_runs){.left = left, .middle = middle, .right = width - left - middle};
}

/// Input columns below a run of `pixels` output pixels.
static size_t columns_below(const swl_f32_conv_params *p, size_t pixels) {
  return pixels ? (pixels - 1) * p->stride_width + (p->kernel_width - 1) * p->dilation_width + 1 : 0;
}

/// Elements of a row of the patch below a run.
static size_t patch_pitch(const swl_f32_conv_params *p, size_t pixels) {
  return columns_below(p, pixels) * p->in_channels;
}

/// Whether the windows of neighbouring output rows leave out no input row, so that they can share one patch.
static bool shares_patches(const swl_f32_conv_params *p) {
  return p->dilation_height == 1 && p->stride_height <= p->kernel_height;
}

/// Patch rows from the windows of one output row to those of the next.
static size_t patch_step(const swl_f32_conv_params *p) {
  return shares_patches(p) ? p->stride_height : p->kernel_height;
}

/// Rows of the patches below `rows` output rows of one picture; at least one.
static size_t patch_rows(const swl_f32_conv_params *p, size_t rows) {
  return (rows - 1) * patch_step(p) + p->kernel_height;
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
  if (swl_bf16_serves(params))
    return swl_bf16_conv_packed_bytes(params);
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
  if (swl_bf16_serves(params)) {
    swl_bf16_conv_pack(isa, params, weights, bias, packed);
    return;
  }
  swl_f32_weight_layout layout = {
      .weights = weights, .bias = bias, .column_stride = group_depth(params), .depth_stride = 1};
  swl_f32_conv_pack_groups(isa, params, layout, packed);
}

/// Output rows of a picture that share one pass over the panels: enough pixels to make loading the weights cheap, few
/// enough for the patches, `pitch` elements a row, to stay in the second-level cache.
static size_t rows_per_block(const swl_f32_conv_params *p, size_t pitch) {
  enum { PIXELS = 96, PATCH_ELEMENTS = 48 * 1024 };
  size_t rows = (PIXELS + p->out_width - 1) / p->out_width;
  rows = rows < p->out_height ? rows : p->out_height;
  if (pitch) {
    const size_t most = PATCH_ELEMENTS / pitch;
    const size_t fit = most > p->kernel_height ? (most - p->kernel_height) / patch_step(p) + 1 : 1;
    rows = rows < fit ? rows : fit;
  }
  return rows ? rows : 1;
}

size_t swl_f32_conv_scratch_bytes(swl_isa isa, const swl_f32_conv_params *params) {
  if (swl_bf16_serves(params))
    return swl_bf16_conv_scratch_bytes(params);
  if (swl_is_pointwise(params) || params->out_width == 0)
    return 0;
  if (swl_is_narrow(swl_f32_kernels_for(isa), params))
    return swl_f32_narrow_scratch_bytes(params);
  const row_runs runs = runs_of_row(params, swl_f32_kernels_for(isa)->rows);
  const size_t pitch = patch_pitch(params, runs.left) + patch_pitch(params, runs.right);
  return pitch * patch_rows(params, rows_per_block(params, pitch)) * sizeof(float);
}

/// Copies one input row from `column` on, zeros for the padding.
static void copy_row(const swl_f32_conv_params *p, const float *row, ptrdiff_t column, size_t columns, float *patch) {
  const swl_row_span span = swl_row_below(p, column, columns);
  memset(patch, 0, span.before * sizeof *patch);
  if (span.present)
    memcpy(patch + span.before, row + span.first, span.present * sizeof *patch);
  memset(patch + span.before + span.present, 0, span.after * sizeof *patch);
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
  /// Elements of a row of the left and of the right patch.
  size_t left_pitch, right_pitch;
  size_t depth, group_in, group_out, group_elements;
} conv_pass;

/// Output rows of one picture, and the patches below them.
typedef struct row_block {
  size_t begin, end;
  float *left, *right;
} row_block;

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
static void compute_row(const conv_pass *pass, const row_block *block, size_t row, size_t group, size_t n, int panel) {
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
  const size_t patch_row = (row - block->begin) * patch_step(p) + taps.begin;

  run_source left = {0, block->left + patch_row * pass->left_pitch + in_channel, pass->left_pitch};
  compute_run(pass, &run, panel, left, runs.left, output);
  if (runs.middle) {
    size_t top = taps.begin < taps.end ? (size_t)(first_row + (ptrdiff_t)(taps.begin * p->dilation_height)) : 0;
    const float *image = pass->input + row / p->out_height * p->in_height * p->in_width * channels;
    size_t column = (size_t)swl_first_column(p, runs.left);
    run_source middle = {runs.left, image + (top * p->in_width + column) * channels + in_channel,
                         p->dilation_height * p->in_width * channels};
    compute_run(pass, &run, panel, middle, runs.middle, output);
  }
  run_source right = {runs.left + runs.middle, block->right + patch_row * pass->right_pitch + in_channel,
                      pass->right_pitch};
  compute_run(pass, &run, panel, right, runs.right, output);
}

/// Fills row `index` of both patches from input row `y`, unless that lies outside.
static void copy_rows(const conv_pass *pass, const row_block *block, const float *image, ptrdiff_t y, size_t index) {
  const swl_f32_conv_params *p = pass->p;
  const row_runs runs = pass->runs;
  if (y < 0 || y >= (ptrdiff_t)p->in_height)
    return;
  const float *row = image + (size_t)y * p->in_width * p->in_channels;
  if (runs.left)
    copy_row(p, row, swl_first_column(p, 0), columns_below(p, runs.left), block->left + index * pass->left_pitch);
  if (runs.right)
    copy_row(p, row, swl_first_column(p, runs.left + runs.middle), columns_below(p, runs.right),
             block->right + index * pass->right_pitch);
}

static void copy_patches(const conv_pass *pass, const row_block *block) {
  const swl_f32_conv_params *p = pass->p;
  const float *image = pass->input + block->begin / p->out_height * p->in_height * p->in_width * p->in_channels;
  const size_t first = block->begin % p->out_height, count = patch_rows(p, block->end - block->begin);
  for (size_t i = 0; i < count; i++) {
    // With patches of their own, `kernel_height` rows belong to each output row.
    const size_t tap = shares_patches(p) ? i : i % p->kernel_height, y = shares_patches(p) ? 0 : i / p->kernel_height;
    copy_rows(pass, block, image, swl_first_row(p, first + y) + (ptrdiff_t)(tap * p->dilation_height), i);
  }
}

static void compute_block(const conv_pass *pass, size_t begin, size_t end) {
  const size_t rows = patch_rows(pass->p, end - begin);
  const row_block block = {begin, end, pass->scratch, pass->scratch + rows * pass->left_pitch};
  if (pass->left_pitch + pass->right_pitch > 0)
    copy_patches(pass, &block);
  for (size_t group = 0; group < pass->p->groups; group++)
    for (size_t n = 0; n < pass->group_out;) {
      int panel = swl_panel(pass->kernels->widths, pass->group_out - n);
      for (size_t row = begin; row < end; row++)
        compute_row(pass, &block, row, group, n, panel);
      n += pass->kernels->widths[panel];
    }
}

void swl_f32_conv_part(swl_isa isa, const swl_f32_conv_params *params, const void *packed, const float *input,
                       float *output, void *scratch, swl_range rows, swl_range columns) {
  if (params->out_width == 0)
    return;
  if (swl_bf16_serves(params)) {
    swl_bf16_conv_part(isa, params, packed, input, output, scratch, rows, columns);
    return;
  }
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
      .left_pitch = patch_pitch(params, runs.left),
      .right_pitch = patch_pitch(params, runs.right),
      .depth = group_depth(params),
      .group_in = params->in_channels / params->groups,
      .group_out = params->out_channels / params->groups,
      .group_elements = group_elements(kernels, params),
  };
  const size_t step = rows_per_block(params, pass.left_pitch + pass.right_pitch);
  for (size_t row = rows.begin, end; row < rows.end; row = end) {
    const size_t in_picture = params->out_height - row % params->out_height;
    end = row + (step < in_picture ? step : in_picture);
    end = end < rows.end ? end : rows.end;
    compute_block(&pass, row, end);
  }
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
  if (swl_is_pointwise(params) && swl_bf16_serves(params)) {
    const swl_range pixels = {begin * params->out_width, end * params->out_width};
    swl_bf16_conv_pixels(isa, params, packed, input, output, scratch, pixels);
    return;
  }
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
