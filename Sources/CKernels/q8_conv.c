// 8-bit convolution over packed weights.
//
// A window is a few runs of consecutive bytes (one for each kernel row, or each tap under dilation and groups), so a
// tile of output pixels is a matrix product whose activations are read where they lie. Only where the window can leave
// the input, or the kernel wants other numbers than the input's bytes, is a band of input rows first copied, with its
// padding, to the scratch area; nothing is ever expanded to one row for each pixel.
#include "q8_conv_plan.h"

/// Writes `count` input values to a band: shifted bytes, or int16.
static void copy_values(const swl_q8_plan *p, uint8_t *out, const uint8_t *input, size_t count) {
  if (p->layer.is_wide) {
    memcpy(out, input, 2 * count);
  } else if (p->gemm->wide) {
    const int32_t shift = swl_q8_plan_band_shift(p);
    int16_t *wide = (int16_t *)(void *)out;
    if (p->layer.is_unsigned) {
      for (size_t i = 0; i < count; i++)
        wide[i] = (int16_t)(input[i] + shift);
    } else {
      for (size_t i = 0; i < count; i++)
        wide[i] = (int16_t)((int8_t)input[i] + shift);
    }
  } else if (swl_q8_plan_band_shift(p) == 0) {
    memcpy(out, input, count);
  } else {
    for (size_t i = 0; i < count; i++)
      out[i] = input[i] ^ 0x80;
  }
}

static void fill_zero_points(const swl_q8_plan *p, uint8_t *out, size_t count) {
  if (p->gemm->wide)
    memset(out, 0, 2 * count);
  else
    memset(out, (uint8_t)(p->layer.input_zero_point + swl_q8_plan_band_shift(p)), count);
}

/// Copies the input rows that output rows first..<last of one image read, with their padding.
static void fill_band(const swl_q8_plan *p, uint8_t *band, const uint8_t *image, size_t first, size_t last) {
  const swl_q8_layer *l = &p->layer;
  const size_t pitch = swl_q8_plan_band_row_bytes(p), channels = (size_t)l->in_c;
  const ptrdiff_t width = (ptrdiff_t)(l->out_w - 1) * l->stride_w + p->window_w;
  const ptrdiff_t left = l->pad_left < width ? l->pad_left : width;
  const ptrdiff_t inside = l->in_w < width - left ? l->in_w : width - left;
  const ptrdiff_t top = (ptrdiff_t)first * l->stride_h - l->pad_top;
  const ptrdiff_t bottom = (ptrdiff_t)(last - 1) * l->stride_h - l->pad_top + p->window_h;
  if (left == 0 && inside == width && width == l->in_w && top >= 0 && bottom <= l->in_h) {
    copy_values(p, band, image + (size_t)top * (size_t)width * channels * p->outer_element,
                (size_t)(bottom - top) * (size_t)width * channels);
    return;
  }
  for (ptrdiff_t y = top; y < bottom; y++, band += pitch) {
    if (y < 0 || y >= l->in_h) {
      fill_zero_points(p, band, (size_t)width * channels);
      continue;
    }
    const size_t left_values = (size_t)left * channels, inside_values = (size_t)inside * channels;
    fill_zero_points(p, band, left_values);
    copy_values(p, band + left_values * p->element, image + (size_t)y * (size_t)l->in_w * channels * p->outer_element,
                inside_values);
    fill_zero_points(p, band + (left_values + inside_values) * p->element, (size_t)(width - left - inside) * channels);
  }
}

/// Output pixels whose activations lie in one piece of memory: a band or an image.
typedef struct region {
  const uint8_t *origin;
  size_t row_pitch, pixel_pitch; // bytes
  /// Runs of pixels that stand at equal distances in the output: all of them, or rows.
  size_t runs, pixels;
  uint8_t *output;
  size_t output_pitch; // bytes from one run to the next
} region;

static bool has_tile(const swl_q8_gemm *gemm, size_t rows) { return (gemm->row_counts >> rows & 1) != 0; }

static bool has_tiles(const swl_q8_gemm *gemm, size_t rows, size_t others) {
  return gemm->row_counts == 0 || (has_tile(gemm, rows) && has_tile(gemm, others));
}

/// The rows of the next tile where `left` are left and tiles of equal height do not exist: two others make one.
static size_t tile_rows(const swl_q8_gemm *gemm, size_t left) {
  const size_t tiles = swl_q8_divide_up(left, gemm->row_limit);
  size_t rows = swl_q8_divide_up(left, tiles);
  while (rows < gemm->row_limit && !(has_tile(gemm, rows) && (tiles != 2 || has_tile(gemm, left - rows))))
    rows++;
  while (rows > left || !has_tile(gemm, rows))
    rows--;
  return rows;
}

/// One group's panels first..<last, the first of which the tile names, over the pixels of one run.
static void run_panels(const swl_q8_plan *p, swl_q8_tile *tile, const region *r, size_t first, size_t last) {
  const size_t lanes = p->gemm->lanes, width = (size_t)p->layer.out_w;
  const size_t channels = (last * lanes < p->group_channels ? last * lanes : p->group_channels) - first * lanes;
  const size_t step = p->gemm->row_step > 0 ? p->gemm->row_step : 1, steps = swl_q8_divide_up(r->pixels, step);
  const size_t tiles = swl_q8_divide_up(steps, p->gemm->row_limit / step);
  const size_t rows = steps / tiles * step, higher = steps % tiles;
  const bool equal = has_tiles(p->gemm, rows, higher > 0 ? rows + step : rows);
  const int32_t zw = p->gemm->wide ? 0 : p->layer.weight_zero_point + swl_q8_plan_weight_shift(p);
  uint8_t *const output = r->output;
  tile->channels = channels;
  tile->corrected = zw != 0;
  const size_t x_step = (size_t)p->layer.stride_w * r->pixel_pitch, y_step = (size_t)p->layer.stride_h * r->row_pitch;
  const uint8_t *line = r->origin, *next = line;
  size_t x = 0, begin = 0;
  for (size_t i = 0; begin < r->pixels; i++) {
    // Tiles of equal height waste less than full ones followed by a low one.
    const size_t left = r->pixels - begin, wanted = equal ? rows + (i < higher ? step : 0) : tile_rows(p->gemm, left);
    tile->row_count = wanted < left ? wanted : left;
    for (size_t row = 0; row < tile->row_count; row++) {
      tile->rows[row] = next;
      next += x_step;
      if (++x == width) {
        x = 0;
        line += y_step;
        next = line;
      }
    }
    if (tile->corrected) {
      p->gemm->row_sums(tile, p->segment_values, tile->corrections);
      for (size_t row = 0; row < tile->row_count; row++)
        tile->corrections[row] = (int32_t)(0u - (uint32_t)zw * (uint32_t)tile->corrections[row]);
    }
    tile->output = output + begin * tile->output_stride * p->outer_element;
    begin += tile->row_count;
    p->gemm->tile(tile);
  }
}

/// The same over all runs of a region.
static void run_block(const swl_q8_plan *p, swl_q8_tile *tile, const region *whole, size_t first, size_t last) {
  region r = *whole;
  r.output += first * p->gemm->lanes * p->outer_element;
  for (size_t i = 0; i < r.runs; i++) {
    run_panels(p, tile, &r, first, last);
    r.origin += (size_t)p->layer.stride_h * r.row_pitch;
    r.output += r.output_pitch;
  }
}

/// Widens the panels first..<last, which then stand where the first panel of all would let them.
static const uint8_t *widen_panels(const swl_q8_plan *p, swl_isa isa, const uint8_t *small, uint8_t *wide, size_t first,
                                   size_t last) {
  const size_t bits = swl_q8_weight_bits(&p->layer);
  const size_t header = (size_t)p->gemm->lanes * SWL_Q8_PANEL_HEADER(p->gemm->wide_output);
  small += first * p->packed_panel_bytes;
  for (uint8_t *out = wide; first < last; first++, small += p->packed_panel_bytes, out += p->panel_bytes) {
    memcpy(out, small, header);
    swl_q8_widen(isa, small + header, p->panel_weights, bits, p->gemm->wide, out + header);
  }
  return wide;
}

/// All groups over a region. `widened` is scratch for panels with weights of fewer bits.
static void run_region(const swl_q8_plan *p, swl_isa isa, swl_q8_tile *tile, const region *whole, uint8_t *widened,
                       size_t first, size_t last) {
  const uint8_t *const panels = tile->panels;
  const size_t block = p->panel_block;
  for (size_t g = 0; g < (size_t)p->layer.groups; g++) {
    region r = *whole;
    r.origin += g * p->depth * p->element;
    r.output += g * p->group_channels * p->outer_element;
    const uint8_t *const of_group = panels + g * p->panels * p->packed_panel_bytes;
    for (size_t begin = first; begin < last; begin += block) {
      const size_t end = begin + block < last ? begin + block : last;
      tile->panels = of_group + begin * p->panel_bytes;
      if (p->packed_panel_bytes != p->panel_bytes)
        tile->panels = widen_panels(p, isa, of_group, widened, begin, end);
      run_block(p, tile, &r, begin, end);
    }
  }
  tile->panels = panels;
}

static void set_segments(const swl_q8_plan *p, ptrdiff_t *segments, size_t row_pitch, size_t pixel_pitch) {
  const swl_q8_layer *l = &p->layer;
  const int32_t columns = p->segments == (size_t)l->kernel_h ? 1 : l->kernel_w;
  for (int32_t ky = 0; ky < l->kernel_h; ky++) {
    for (int32_t kx = 0; kx < columns; kx++)
      *segments++ = (ptrdiff_t)(row_pitch * (size_t)ky * (size_t)l->dilation_h +
                                pixel_pitch * (size_t)kx * (size_t)l->dilation_w);
  }
}

/// Parts of the scratch area.
typedef struct areas {
  uint8_t *widened, *band;
} areas;

/// Output rows first..<last of one image.
static void run_rows(const swl_q8_plan *p, swl_isa isa, swl_q8_tile *tile, const uint8_t *image, areas scratch,
                     uint8_t *output, size_t first, size_t last, size_t first_panel, size_t last_panel) {
  const swl_q8_layer *l = &p->layer;
  const size_t pitch = (size_t)l->in_w * (size_t)l->in_c * p->outer_element;
  const size_t step = swl_q8_plan_band_rows(p), width = (size_t)l->out_w;
  const bool is_apart = l->output_row > 0;
  const size_t output_pitch = (is_apart ? l->output_row : width * (size_t)l->out_c) * p->outer_element;
  for (size_t y = first; y < last; y += step) {
    const size_t end = y + step < last ? y + step : last;
    region r = {
        .origin = image + y * (size_t)l->stride_h * pitch,
        .row_pitch = pitch,
        .pixel_pitch = (size_t)l->in_c * p->outer_element,
        .runs = is_apart ? end - y : 1,
        .pixels = is_apart ? width : (end - y) * width,
        .output = output + y * output_pitch,
        .output_pitch = output_pitch,
    };
    if (!p->direct) {
      fill_band(p, scratch.band, image, y, end);
      r.origin = scratch.band;
      r.row_pitch = swl_q8_plan_band_row_bytes(p);
      r.pixel_pitch = (size_t)l->in_c * p->element;
    }
    run_region(p, isa, tile, &r, scratch.widened, first_panel, last_panel);
  }
}

static void run_units(const swl_q8_plan *p, swl_isa isa, swl_q8_tile *tile, const uint8_t *input, areas scratch,
                      uint8_t *output, size_t begin, size_t end) {
  const swl_q8_layer *l = &p->layer;
  const size_t rows = (size_t)l->out_h;
  if (p->by_columns) {
    const size_t last = end * SWL_Q8_COLUMN_PANELS < p->panels ? end * SWL_Q8_COLUMN_PANELS : p->panels;
    run_rows(p, isa, tile, input, scratch, output, 0, rows, begin * SWL_Q8_COLUMN_PANELS, last);
    return;
  }
  const size_t in_image = (size_t)l->in_h * (size_t)l->in_w * (size_t)l->in_c * p->outer_element;
  const size_t out_image = rows * (size_t)l->out_w * (size_t)l->out_c * p->outer_element;
  while (begin < end) {
    const size_t image = begin / rows, first = begin % rows;
    const size_t last = end - image * rows < rows ? end - image * rows : rows;
    run_rows(p, isa, tile, input + image * in_image, scratch, output + image * out_image, first, last, 0, p->panels);
    begin = image * rows + last;
  }
}

void swl_q8_conv_run(swl_isa isa, const swl_q8_layer *layer, const void *packed, const void *input, void *output,
                     void *scratch, size_t begin, size_t end) {
  if (begin >= end)
    return;
  const swl_q8_gemm *gemm = swl_q8_gemm_of(isa, layer, packed);
  if (gemm == NULL) {
    swl_q8_conv_run__scalar(layer, packed, input, output, begin, end);
    return;
  }
  if (swl_q8_run_row(gemm, layer, packed, input, output, begin, end))
    return;
  const swl_q8_plan p = swl_q8_plan_make(gemm, layer);
  const swl_q8_layer *l = &p.layer;
  const size_t in_pitch = (size_t)l->in_w * (size_t)l->in_c * p.outer_element;
  ptrdiff_t *segments = scratch;
  areas rest;
  uint8_t *const gathered = (uint8_t *)scratch + swl_q8_align(p.segments * sizeof *segments);
  rest.widened = gathered + swl_q8_plan_gathered_bytes(&p);
  rest.band = rest.widened + swl_q8_plan_widened_bytes(&p);
  set_segments(&p, segments, p.direct ? in_pitch : swl_q8_plan_band_row_bytes(&p), (size_t)l->in_c * p.element);

  uint32_t flag;
  memcpy(&flag, packed, sizeof flag);
  swl_q8_tile tile = {
      .is_long = gemm->wide_output && flag == SWL_Q8_LONG,
      .is_short = gemm->wide_output && flag == SWL_Q8_SHORT,
      .segments = segments,
      .segment_count = p.segments,
      .segment_lanes = p.segment_lanes,
      .gathered = gathered,
      .activation_flip = p.direct && swl_q8_plan_band_shift(&p) != 0 ? 0x80 : 0,
      .panels = (const uint8_t *)packed + SWL_Q8_CONV_HEADER,
      .panel_bytes = p.panel_bytes,
      .output_stride = l->output_pixel > 0 ? l->output_pixel : (size_t)l->out_c,
      .requantization = swl_q8_output_make(l, !gemm->wide_output && flag != 0),
  };
  if (gemm->begin != NULL)
    gemm->begin(&tile);
  run_units(&p, isa, &tile, input, rest, output, begin, end);
  if (gemm->end != NULL)
    gemm->end();
}
