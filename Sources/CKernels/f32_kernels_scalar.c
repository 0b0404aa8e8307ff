#include "f32_half.h"
#include "f32_kernels.h"
#include "f32_vector_scalar.h"

#define TILE_TARGET

#define TILE(name) scalar_2x4_##name
#define V(name) vf1##name
#define TILE_LANES 1
#define TILE_VECTORS 4
#define TILE_ROWS 2
#include "f32_tile.inc"

#define TILE(name) scalar_4x1_##name
#define V(name) vf1##name
#define TILE_LANES 1
#define TILE_VECTORS 1
#define TILE_ROWS 4
#include "f32_tile.inc"

#define DEPTHWISE(name) scalar_depthwise_##name
#define V(name) vf1##name
#define LANES 1
#include "f32_depthwise.inc"

static void depthwise(const swl_f32_depthwise_run *run, size_t pixels) {
  const float *packed = run->packed;
  for (size_t channel = 0; channel < run->channels; channel++, packed += 1 + run->kernel_area)
    scalar_depthwise_whole(run, pixels, packed, channel);
}

static void half(const void *input, float *output, size_t count) { swl_f16_to_f32_from(input, output, 0, count); }

const swl_f32_kernels swl_f32_kernels__scalar = {
    .rows = 2,
    .widths = {4, 1, 1},
    .tile = {scalar_2x4_tile, scalar_4x1_tile, scalar_4x1_tile},
    .depthwise_width = 1,
    .depthwise_narrow = 1,
    .depthwise = depthwise,
    .half = half,
};
