#if defined(__ARM_NEON)

#include "f32_half.h"
#include "f32_kernels.h"
#include "f32_vector_neon.h"

#define TILE_TARGET
#if defined(__aarch64__)
#define TILE_BY_LANE
#endif

#define TILE(name) neon_8x8_##name
#define V(name) vf4##name
#define TILE_LANES 4
#define TILE_VECTORS 2
#define TILE_ROWS 8
#include "f32_tile.inc"

#define TILE(name) neon_8x4_##name
#define V(name) vf4##name
#define TILE_LANES 4
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "f32_tile.inc"

#define ROW(name) neon_row_##name
#define V(name) vf4##name
#define TILE_LANES 4
#define TILE_VECTORS 2
#include "f32_row.inc"

#define DEPTHWISE(name) neon_depthwise_##name
#define V(name) vf4##name
#define LANES 4
#include "f32_depthwise.inc"

#define NARROW(name) neon_narrow_##name
#define V(name) vf4##name
#define TILE_LANES 4
#define NARROW_MOST 2
#include "f32_narrow.inc"

static void depthwise(const swl_f32_depthwise_run *run, size_t pixels) {
  const float *packed = run->packed;
  for (size_t channel = 0; channel < run->channels; channel += 4, packed += 4 * (1 + run->kernel_area))
    neon_depthwise_any(run, pixels, packed, channel);
}

static void half(const void *input, float *output, size_t count) {
  size_t i = 0;
#if defined(__aarch64__)
  for (; count - i >= 4; i += 4) {
    float16x4_t halves = vreinterpret_f16_u8(vld1_u8((const unsigned char *)input + i * 2));
    vst1q_f32(output + i, vcvt_f32_f16(halves));
  }
#endif
  swl_f16_to_f32_from(input, output, i, count);
}

const swl_f32_kernels swl_f32_kernels__neon = {
    .rows = 8,
    .widths = {8, 4, 4},
    .tile = {neon_8x8_tile, neon_8x4_tile, neon_8x4_tile},
    .row = neon_row_any,
    .depthwise_width = 4,
    .depthwise_narrow = 4,
    .depthwise = depthwise,
    .narrow_columns = NARROW_MOST,
    .narrow = neon_narrow_any,
    .half = half,
};

#endif
