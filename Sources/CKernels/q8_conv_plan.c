// The choice of a kernel for an 8-bit convolution, and its sizes.
#include "q8_conv_plan.h"
#include "isa_selection.h"

enum {
  BAND_BYTES = 48 * 1024,         // input rows copied at a time, so that they stay in the fastest cache levels
  PANEL_BLOCK_BYTES = 256 * 1024, // packed weights that all pixels of a band use before the next ones
  COLUMN_SPLIT_ROWS = 24,         // with fewer pixels, units are blocks of output channels
  // The least of a layer that AMX computes:
  TILE_PIXELS = 6,
  TILE_RUN = 24, // values of a window side by side
  TILE_CHANNELS = 8,
  TILE_PRODUCTS = 100000,
};

/// Whether a row of a window is one piece of memory.
static bool has_whole_rows(const swl_q8_layer *layer) { return layer->dilation_w == 1 && layer->groups == 1; }

static size_t group_channels(const swl_q8_layer *layer) { return (size_t)(layer->out_c / layer->groups); }

#if SWL_HAS_AMX
/// Whether a layer is worth the tenth of a microsecond that it takes to set up the tiles, and fills enough of them.
static bool fills_tiles(const swl_q8_layer *l) {
  const size_t pixels = swl_q8_product(swl_q8_product((size_t)l->batch, (size_t)l->out_h), (size_t)l->out_w);
  const size_t depth = (size_t)(l->in_c / l->groups);
  const size_t run = has_whole_rows(l) ? swl_q8_product((size_t)l->kernel_w, depth) : depth;
  const size_t taps = swl_q8_product((size_t)l->kernel_h, (size_t)l->kernel_w);
  const size_t products = swl_q8_product(swl_q8_product(pixels, (size_t)l->out_c), swl_q8_product(taps, depth));
  return pixels >= TILE_PIXELS && run >= TILE_RUN && group_channels(l) >= TILE_CHANNELS && products >= TILE_PRODUCTS;
}

static const swl_q8_gemm *with_tiles(const swl_q8_layer *layer) {
  return layer->is_unsigned ? &swl_q8_gemm_u8__amx : &swl_q8_gemm__amx;
}
#endif

const swl_q8_gemm *swl_q8_gemm_for(swl_isa isa, const swl_q8_layer *layer) {
  static const swl_q8_gemm *const kernels[SWL_ISA_COUNT] = {
    [SWL_ISA_SCALAR] = NULL,
#if SWL_HAS_SSE41
    [SWL_ISA_SSE41] = &swl_q8_gemm__sse41,
#endif
#if SWL_HAS_AVX2
    [SWL_ISA_AVX2] = &swl_q8_gemm__avx2,
#endif
#if SWL_HAS_AVXVNNI
    [SWL_ISA_AVXVNNI] = &swl_q8_gemm__avxvnni,
#endif
#if SWL_HAS_AVX512VNNI
    [SWL_ISA_AVX512VNNI] = &swl_q8_gemm__avx512vnni,
#endif
#if SWL_HAS_NEON
    [SWL_ISA_NEON] = &swl_q8_gemm__neon,
#endif
#if SWL_HAS_DOTPROD
    [SWL_ISA_DOTPROD] = &swl_q8_gemm__dotprod,
#endif
#if SWL_HAS_I8MM
    [SWL_ISA_I8MM] = &swl_q8_gemm__i8mm,
#endif
  };
  static const swl_q8_gemm *const wide_kernels[SWL_ISA_COUNT] = {
    [SWL_ISA_SCALAR] = NULL,
#ifndef SWL_WITHOUT_INT16 // the portable kernels serve them then
#if SWL_HAS_SSE41
    [SWL_ISA_SSE41] = &swl_q16_gemm__sse41,
#endif
#if SWL_HAS_AVX2
    [SWL_ISA_AVX2] = &swl_q16_gemm__avx2,
#endif
#if SWL_HAS_AVXVNNI
    [SWL_ISA_AVXVNNI] = &swl_q16_gemm__avxvnni,
#endif
#if SWL_HAS_AVX512VNNI
    [SWL_ISA_AVX512VNNI] = &swl_q16_gemm__avx512vnni,
#endif
#if SWL_HAS_NEON
    [SWL_ISA_NEON] = &swl_q16_gemm__neon,
#endif
#endif
  };
#if SWL_HAS_I8MM
  if (isa == SWL_ISA_I8MM && layer->is_unsigned && !layer->is_wide)
    return &swl_q8_gemm_u8__i8mm;
#endif
#if SWL_HAS_AMX
  if (isa == SWL_ISA_AMX && !layer->is_wide) {
    if (fills_tiles(layer))
      return with_tiles(layer);
    isa = SWL_ISA_AVX512VNNI;
  }
#endif
#if SWL_HAS_AVX512VNNI
  const size_t channels = group_channels(layer);
  const bool is_narrow = channels % 16 > 0 && channels % 16 <= 8 && channels <= 24;
  if (isa == SWL_ISA_AVX512VNNI && is_narrow && !layer->is_wide)
    return &swl_q8_gemm_8__avx512vnni;
#endif
  const swl_q8_gemm *const *found = layer->is_wide ? wide_kernels : kernels;
  for (int candidate = (int)isa; candidate > (int)SWL_ISA_SCALAR; candidate--) {
    if (found[candidate] != NULL)
      return found[candidate];
  }
  return NULL;
}

const swl_q8_gemm *swl_q8_gemm_of(swl_isa isa, const swl_q8_layer *layer, const void *packed) {
#if SWL_HAS_AMX
  if (isa == SWL_ISA_AMX && !layer->is_wide) {
    uint32_t tiles;
    memcpy(&tiles, (const uint8_t *)packed + SWL_Q8_TILES_OFFSET, sizeof tiles);
    return tiles != 0 ? with_tiles(layer) : swl_q8_gemm_for(SWL_ISA_AVX512VNNI, layer);
  }
#else
  (void)packed;
#endif
  return swl_q8_gemm_for(isa, layer);
}

static size_t pixels_of(const swl_q8_layer *l) {
  return swl_q8_product(swl_q8_product((size_t)l->batch, (size_t)l->in_h), (size_t)l->in_w);
}

/// Whether the layer is one over a column of `pixels` pixels.
static bool is_pointwise(const swl_q8_layer *l, size_t pixels) {
  return pixels <= INT32_MAX && l->kernel_h == 1 && l->kernel_w == 1 && l->stride_h == 1 && l->stride_w == 1 &&
         l->pad_top == 0 && l->pad_left == 0 && l->groups == 1 && l->out_h == l->in_h && l->out_w == l->in_w &&
         l->output_row == 0;
}

static bool leaves_input(const swl_q8_layer *l, ptrdiff_t window_h, ptrdiff_t window_w) {
  return l->pad_top != 0 || l->pad_left != 0 || (ptrdiff_t)(l->out_h - 1) * l->stride_h + window_h > l->in_h ||
         (ptrdiff_t)(l->out_w - 1) * l->stride_w + window_w > l->in_w;
}

swl_q8_plan swl_q8_plan_make(const swl_q8_gemm *gemm, const swl_q8_layer *source) {
  swl_q8_plan p = {.gemm = gemm, .layer = *source};
  swl_q8_layer *l = &p.layer;
  const size_t pixels = pixels_of(l);
  const bool pointwise = is_pointwise(l, pixels);
  if (pointwise) {
    l->batch = pixels > 0 ? 1 : 0;
    l->in_h = l->out_h = (int32_t)pixels;
    l->in_w = l->out_w = 1;
  }
  p.depth = (size_t)(l->in_c / l->groups);
  p.group_channels = group_channels(l);
  const bool whole_rows = has_whole_rows(l);
  p.segments = whole_rows ? (size_t)l->kernel_h : swl_q8_product((size_t)l->kernel_h, (size_t)l->kernel_w);
  p.segment_values = whole_rows ? swl_q8_product((size_t)l->kernel_w, p.depth) : p.depth;
  p.element = gemm->wide ? 2 : 1;
  p.outer_element = swl_q8_element_bytes(l);
  p.segment_lanes = swl_q8_divide_up(p.segment_values, gemm->step / p.element) * (gemm->step / 4);
  p.panels = swl_q8_divide_up(p.group_channels, gemm->lanes);
  const size_t header = (size_t)gemm->lanes * SWL_Q8_PANEL_HEADER(gemm->wide_output);
  const size_t weight_bytes = swl_q8_product((size_t)gemm->lanes * 4, swl_q8_product(p.segments, p.segment_lanes));
  p.panel_bytes = swl_q8_sum(header, weight_bytes);
  p.panel_weights = weight_bytes / p.element;
  const size_t bits = swl_q8_weight_bits(l);
  p.packed_panel_bytes = bits == 8 ? p.panel_bytes : header + p.panel_weights / (8 / bits);
  const size_t fitting = PANEL_BLOCK_BYTES / p.panel_bytes & ~(size_t)3;
  p.panel_block = fitting > 4 ? fitting : 4;
  p.window_h = (ptrdiff_t)(l->kernel_h - 1) * l->dilation_h + 1;
  p.window_w = (ptrdiff_t)(l->kernel_w - 1) * l->dilation_w + 1;
  // With a single panel the flip of every activation would cost as much as its product.
  const bool flips = !gemm->wide && gemm->unsigned_activations != l->is_unsigned;
  p.direct = p.element == p.outer_element && p.segment_values * p.element % gemm->step == 0 &&
             !leaves_input(l, p.window_h, p.window_w) && !(flips && p.panels == 1);
  p.by_columns = pointwise && pixels < COLUMN_SPLIT_ROWS;
  return p;
}

size_t swl_q8_plan_band_row_bytes(const swl_q8_plan *p) {
  const ptrdiff_t width = (ptrdiff_t)(p->layer.out_w - 1) * p->layer.stride_w + p->window_w;
  return swl_q8_product(swl_q8_product((size_t)width, (size_t)p->layer.in_c), p->element);
}

size_t swl_q8_plan_band_rows(const swl_q8_plan *p) {
  if (p->direct)
    return (size_t)p->layer.out_h;
  const size_t bytes = swl_q8_plan_band_row_bytes(p);
  const size_t fitting = bytes > 0 ? BAND_BYTES / bytes : (size_t)p->layer.out_h;
  const size_t window = (size_t)p->window_h, stride = (size_t)p->layer.stride_h;
  const size_t rows = fitting > window ? (fitting - window) / stride + 1 : 1;
  const size_t least = swl_q8_divide_up(p->gemm->row_limit, (size_t)p->layer.out_w);
  const size_t wanted = rows > least ? rows : least;
  return wanted < (size_t)p->layer.out_h ? wanted : (size_t)p->layer.out_h;
}

size_t swl_q8_plan_widened_bytes(const swl_q8_plan *p) {
  if (p->packed_panel_bytes == p->panel_bytes)
    return 0;
  return swl_q8_align(swl_q8_product(p->panel_block < p->panels ? p->panel_block : p->panels, p->panel_bytes));
}

size_t swl_q8_plan_gathered_bytes(const swl_q8_plan *p) {
  if (p->gemm->begin == NULL)
    return 0;
  return swl_q8_product(p->gemm->row_limit, swl_q8_product(p->segments, swl_q8_align(4 * p->segment_lanes)));
}

static bool is_empty(const swl_q8_layer *l) { return l->batch == 0 || l->out_h == 0 || l->out_w == 0 || l->out_c == 0; }

size_t swl_q8_conv_packed_bytes(swl_isa isa, const swl_q8_layer *layer) {
  const swl_q8_gemm *gemm = swl_q8_gemm_for(isa, layer);
  if (gemm == NULL)
    return swl_q8_conv_packed_bytes__scalar(layer);
  const swl_q8_plan p = swl_q8_plan_make(gemm, layer);
  return swl_q8_sum(SWL_Q8_CONV_HEADER,
                    swl_q8_product(swl_q8_product((size_t)layer->groups, p.panels), p.packed_panel_bytes));
}

static size_t scratch_bytes(const swl_q8_gemm *gemm, const swl_q8_layer *layer) {
  const swl_q8_plan p = swl_q8_plan_make(gemm, layer);
  const size_t offsets = swl_q8_sum(
      swl_q8_sum(swl_q8_align(swl_q8_product(p.segments, sizeof(ptrdiff_t))), swl_q8_plan_gathered_bytes(&p)),
      swl_q8_plan_widened_bytes(&p));
  if (p.direct)
    return offsets;
  const size_t rows =
      swl_q8_sum(swl_q8_product(swl_q8_plan_band_rows(&p) - 1, (size_t)layer->stride_h), (size_t)p.window_h);
  return swl_q8_sum(offsets, swl_q8_align(swl_q8_sum(swl_q8_product(rows, swl_q8_plan_band_row_bytes(&p)), 8)));
}

size_t swl_q8_conv_scratch_bytes(swl_isa isa, const swl_q8_layer *layer) {
  const swl_q8_gemm *gemm = swl_q8_gemm_for(isa, layer);
  if (gemm == NULL || is_empty(layer))
    return 0;
#if SWL_HAS_AMX
  // The weights may have been packed for another size of the layer, and so for other kernels.
  if (isa == SWL_ISA_AMX && !layer->is_wide) {
    const size_t with = scratch_bytes(with_tiles(layer), layer);
    const size_t without = scratch_bytes(swl_q8_gemm_for(SWL_ISA_AVX512VNNI, layer), layer);
    return with > without ? with : without;
  }
#endif
  return scratch_bytes(gemm, layer);
}

size_t swl_q8_conv_units(swl_isa isa, const swl_q8_layer *layer) {
  if (is_empty(layer))
    return 0;
  const swl_q8_gemm *gemm = swl_q8_gemm_for(isa, layer);
  const size_t pixels = pixels_of(layer);
  if (gemm == NULL || !is_pointwise(layer, pixels))
    return (size_t)layer->batch * (size_t)layer->out_h;
  return pixels < COLUMN_SPLIT_ROWS ? swl_q8_divide_up(group_channels(layer), SWL_Q8_COLUMN_PANELS * gemm->lanes)
                                    : pixels;
}
