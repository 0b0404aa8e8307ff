// A pointwise layer of one row: its weights are used once, so they set the pace, and all else has to be short.
#include "f32_geometry.h"
#include "hybrid_kernels.h"
#include <string.h>

/// What is left to the columns from `n` on: panels one by one.
static void run_panels(const swl_hybrid_kernels *kernels, const swl_f32_conv_params *p, const swl_hybrid_row *row,
                       const unsigned char *panel, float *output, size_t n) {
  const size_t whole = 0, step = swl_hybrid_step(kernels);
  swl_hybrid_run run = {
      .rows = &row->input,
      .segments = &whole,
      .segment_count = 1,
      .segment_words = row->words,
      .group = &row->group,
      .minimum = row->minimum,
      .maximum = row->maximum,
  };
  while (n < p->out_channels) {
    const size_t left = p->out_channels - n;
    const int index = swl_panel(kernels->widths, left);
    const size_t width = kernels->widths[index];
    run.sums = (const int32_t *)(const void *)panel;
    run.scales = (const float *)(const void *)(run.sums + width);
    run.bias = run.scales + width;
    run.weights = (const int8_t *)(run.bias + width);
    run.output = output + n;
    run.columns = left < width ? left : width;
    kernels->tile[index](&run, 1);
    panel = (const unsigned char *)run.weights + row->words * step * width;
    n += width;
  }
}

bool swl_hybrid_run_row(swl_isa isa, const swl_f32_conv_params *p, const void *packed, const float *input,
                        void *quantized, float *output) {
  if (p->batches != 1 || p->in_height != 1 || p->in_width != 1 || !swl_is_pointwise(p) || p->weight_block > 0 ||
      (p->weight_bits != 8 && p->weight_bits != 0))
    return false;
  const swl_hybrid_kernels *kernels = swl_hybrid_kernels_for(isa);
  const size_t depth = p->in_channels, width = kernels->widths[0], together = SWL_HYBRID_ROW_PANELS * width;
  unsigned char *const stored = quantized;
  swl_hybrid_row row = {
      .input = stored,
      .words = swl_hybrid_words(kernels, depth),
      .minimum = p->minimum,
      .maximum = p->maximum,
  };
  row.panel_bytes = width * (sizeof(int32_t) + 2 * sizeof(float) + row.words * swl_hybrid_step(kernels));
  row.group = swl_hybrid_quantize_group(kernels, input, depth, stored);
  for (size_t end = depth * swl_hybrid_element(kernels); end < row.words * sizeof(uint32_t); end++)
    stored[end] = 0;
  const unsigned char *panel = packed;
  size_t n = 0;
  if (kernels->row != NULL) {
    for (; p->out_channels - n >= together; n += together, panel += SWL_HYBRID_ROW_PANELS * row.panel_bytes)
      kernels->row(&row, panel, output + n);
  }
  run_panels(kernels, p, &row, panel, output, n);
  return true;
}
