// Layers of one row, with nothing computed that the products do not need.
#include "q8_conv_plan.h"

/// One row of a matrix product: a pointwise layer of one pixel, or one window that is the whole input.
typedef struct one_row {
  size_t depth;
  /// Whether units are blocks of output channels.
  bool by_columns;
  bool exists;
} one_row;

/// Whether a layer is that, with bytes that are multiplied as they stand: nothing of a plan is then needed.
static one_row as_one_row(const swl_q8_gemm *gemm, const swl_q8_layer *l) {
  one_row row = {.depth = (size_t)l->in_c};
  if (gemm->wide || l->is_wide || l->is_unsigned || l->weight_zero_point != 0 || l->groups != 1 ||
      swl_q8_weight_bits(l) != 8 || l->pad_top != 0 || l->pad_left != 0 || l->dilation_h != 1 || l->dilation_w != 1 ||
      l->batch != 1 || l->out_h != 1 || l->out_w != 1 || l->kernel_h != l->in_h || l->kernel_w != l->in_w)
    return row;
  const size_t segment = (size_t)l->kernel_w * row.depth;
  row.depth = (size_t)l->kernel_h * segment;
  row.by_columns = l->kernel_h == 1 && l->kernel_w == 1 && l->stride_h == 1 && l->stride_w == 1 && l->output_row == 0;
  row.exists = segment % gemm->step == 0 && gemm->begin == NULL;
  return row;
}

bool swl_q8_run_row(const swl_q8_gemm *gemm, const swl_q8_layer *l, const uint8_t *packed, const uint8_t *input,
                    uint8_t *output, size_t begin, size_t end) {
  const one_row row = as_one_row(gemm, l);
  if (!row.exists)
    return false;
  const size_t lanes = gemm->lanes, channels = (size_t)l->out_c, unit = SWL_Q8_COLUMN_PANELS * lanes;
  const size_t first = row.by_columns ? begin * unit : 0;
  const size_t last = row.by_columns && end * unit < channels ? end * unit : channels;
  const ptrdiff_t whole = 0;
  uint32_t flag;
  memcpy(&flag, packed, sizeof flag);
  swl_q8_tile tile;
  tile.rows[0] = input;
  tile.row_count = 1;
  tile.corrected = tile.is_long = tile.is_short = false;
  tile.segments = &whole;
  tile.segment_count = 1;
  tile.segment_lanes = row.depth / 4;
  tile.activation_flip = gemm->unsigned_activations ? 0x80 : 0;
  tile.panel_bytes = lanes * (SWL_Q8_PANEL_HEADER(false) + row.depth);
  tile.panels = packed + SWL_Q8_CONV_HEADER + (row.by_columns ? begin * SWL_Q8_COLUMN_PANELS * tile.panel_bytes : 0);
  tile.channels = last - first;
  tile.output = output + first;
  tile.output_stride = channels;
  tile.requantization = swl_q8_output_make(l, flag != 0);
  gemm->tile(&tile);
  return true;
}
