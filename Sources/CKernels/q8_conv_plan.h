// What the convolution's sizes, packing and running share: the plan of a layer.
#ifndef Q8_CONV_PLAN_H
#define Q8_CONV_PLAN_H

#include "q8_kernels.h"

enum {
  SWL_Q8_CONV_HEADER = 64,  // bytes of packed weights before the panels
  SWL_Q8_TILES_OFFSET = 4,  // in these, 32 bits: whether kernels with tiles to set up read the panels
  SWL_Q8_COLUMN_PANELS = 4, // panels of a unit where units are blocks of output channels
};

/// What follows from a layer and a kernel before any data is seen. Sizes saturate.
typedef struct swl_q8_plan {
  const swl_q8_gemm *gemm;
  /// The layer, with a 1x1 convolution over all pixels turned into a column of pixels.
  swl_q8_layer layer;
  size_t depth;          // input channels of a group
  size_t group_channels; // output channels of a group
  size_t segments, segment_values, segment_lanes;
  size_t element;               // bytes of an activation in a band
  size_t outer_element;         // bytes of an activation in the input and the output
  size_t panels, panel_bytes;   // per group
  size_t panel_weights;         // stored numbers of a panel
  size_t packed_panel_bytes;    // with weights of fewer bits
  size_t panel_block;           // panels that are widened together
  ptrdiff_t window_h, window_w; // the extent of the dilated kernel
  bool direct;                  // activations are read from the input itself
  bool by_columns;              // units are blocks of panels
} swl_q8_plan;

swl_q8_plan swl_q8_plan_make(const swl_q8_gemm *gemm, const swl_q8_layer *layer);

/// Activations in a band: what is added to the input's bytes, and the zero point after that.
static inline int32_t swl_q8_plan_band_shift(const swl_q8_plan *p) {
  if (p->gemm->wide)
    return -p->layer.input_zero_point;
  if (p->gemm->unsigned_activations)
    return p->layer.is_unsigned ? 0 : 128;
  return p->layer.is_unsigned ? -128 : 0;
}

static inline int32_t swl_q8_plan_weight_shift(const swl_q8_plan *p) {
  if (p->gemm->wide)
    return -p->layer.weight_zero_point;
  return p->layer.is_unsigned ? -128 : 0;
}

/// Bytes of a row of a band.
size_t swl_q8_plan_band_row_bytes(const swl_q8_plan *p);

/// How many output rows share a band: at least one.
size_t swl_q8_plan_band_rows(const swl_q8_plan *p);

/// Scratch for the activations of a tile, side by side.
size_t swl_q8_plan_gathered_bytes(const swl_q8_plan *p);

/// Scratch for the widened panels of one block.
size_t swl_q8_plan_widened_bytes(const swl_q8_plan *p);

#endif
