#if defined(__x86_64__)

#include "f32_half.h"
#include "f32_kernels.h"
#include "f32_vector_sse41.h"

#define TILE_TARGET __attribute__((target("sse4.1")))

#define TILE(name) sse41_4x8_##name
#define V(name) vf4##name
#define TILE_LANES 4
#define TILE_VECTORS 2
#define TILE_ROWS 4
#include "f32_tile.inc"

#define TILE(name) sse41_8x4_##name
#define V(name) vf4##name
#define TILE_LANES 4
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "f32_tile.inc"

#define ROW(name) sse41_row_##name
#define V(name) vf4##name
#define TILE_LANES 4
#define TILE_VECTORS 2
#include "f32_row.inc"

#define DEPTHWISE(name) sse41_depthwise_##name
#define V(name) vf4##name
#define LANES 4
#include "f32_depthwise.inc"

#define NARROW(name) sse41_narrow_##name
#define V(name) vf4##name
#define TILE_LANES 4
#define NARROW_MOST 2
#include "f32_narrow.inc"

static TILE_TARGET void depthwise(const swl_f32_depthwise_run *run, size_t pixels) {
  const float *packed = run->packed;
  for (size_t channel = 0; channel < run->channels; channel += 4, packed += 4 * (1 + run->kernel_area))
    sse41_depthwise_any(run, pixels, packed, channel);
}

static void half(const void *input, float *output, size_t count) { swl_f16_to_f32_from(input, output, 0, count); }

const swl_f32_kernels swl_f32_kernels__sse41 = {
    .rows = 4,
    .widths = {8, 4, 4},
    .tile = {sse41_4x8_tile, sse41_8x4_tile, sse41_8x4_tile},
    .row = sse41_row_any,
    .depthwise_width = 4,
    .depthwise_narrow = 4,
    .depthwise = depthwise,
    .narrow_columns = NARROW_MOST,
    .narrow = sse41_narrow_any,
    .half = half,
};

#endif
