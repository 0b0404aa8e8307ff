#include "f32_kernels.h"

size_t swl_f32_gemm_column_step(swl_isa isa) { return swl_f32_kernels_for(isa)->widths[0]; }

size_t swl_f32_gemm_packed_bytes(swl_isa isa, const swl_f32_gemm_params *params) {
  return swl_padded_columns(swl_f32_kernels_for(isa)->widths, params->columns) * (1 + params->depth) * sizeof(float);
}

void swl_f32_gemm_pack(swl_isa isa, const swl_f32_gemm_params *params, const void *weights, const void *bias,
                       void *packed) {
  swl_f32_weight_layout layout = {
      .weights = weights,
      .bias = bias,
      .column_stride = params->weights_depth_major ? 1 : params->depth,
      .depth_stride = params->weights_depth_major ? params->columns : 1,
  };
  swl_f32_pack_panels(swl_f32_kernels_for(isa), layout, params->depth, params->columns, packed);
}

/// Bytes of input that one pass over the panels works on, so that it stays in the second-level cache.
enum { INPUT_BLOCK_BYTES = 128 * 1024 };

static size_t block_rows(const swl_f32_kernels *kernels, size_t depth) {
  size_t rows = INPUT_BLOCK_BYTES / sizeof(float) / (depth ? depth : 1) / kernels->rows * kernels->rows;
  return rows ? rows : kernels->rows;
}

void swl_f32_gemm(swl_isa isa, const swl_f32_gemm_params *params, const void *packed, const float *input, float *output,
                  size_t row_begin, size_t row_end, size_t column_begin, size_t column_end) {
  const swl_f32_kernels *kernels = swl_f32_kernels_for(isa);
  const size_t depth = params->depth, step = block_rows(kernels, depth);
  swl_f32_run run = {
      .row_stride = depth,
      .outer_count = 1,
      .inner_count = 1,
      .length = depth,
      .output_stride = params->columns,
      .minimum = params->minimum,
      .maximum = params->maximum,
  };
  for (size_t row = row_begin; row < row_end; row += step) {
    size_t rows = row_end - row < step ? row_end - row : step;
    run.input = input + row * depth;
    for (size_t n = column_begin; n < column_end;) {
      int panel = swl_panel(kernels->widths, params->columns - n);
      size_t width = kernels->widths[panel];
      run.bias = (const float *)packed + n * (1 + depth);
      run.weights = run.bias + width;
      run.output = output + row * params->columns + n;
      const size_t left = column_end - n;
      if (rows == 1 && panel == 0 && kernels->row) {
        const size_t panels = kernels->row(&run, left / width);
        n += panels * width;
        if (panels > 0)
          continue;
      }
      run.columns = left < width ? left : width;
      kernels->tile[panel](&run, rows);
      n += width;
    }
  }
}
