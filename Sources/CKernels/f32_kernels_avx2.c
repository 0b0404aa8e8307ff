#if defined(__x86_64__)

#include "f32_half.h"
#include "f32_kernels.h"
#include "f32_vector_avx2.h"

#define TILE_TARGET __attribute__((target("avx2,fma")))

#define TILE(name) avx2_6x16_##name
#define V(name) vf8##name
#define TILE_LANES 8
#define TILE_VECTORS 2
#define TILE_ROWS 6
#include "f32_tile.inc"

#define TILE(name) avx2_8x8_##name
#define V(name) vf8##name
#define TILE_LANES 8
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "f32_tile.inc"

#define ROW(name) avx2_row_##name
#define V(name) vf8##name
#define TILE_LANES 8
#define TILE_VECTORS 2
#include "f32_row.inc"

#define DEPTHWISE(name) avx2_depthwise_##name
#define V(name) vf8##name
#define LANES 8
#include "f32_depthwise.inc"

#define NARROW(name) avx2_narrow_##name
#define V(name) vf8##name
#define TILE_LANES 8
#define NARROW_MOST 4
#include "f32_narrow.inc"

static TILE_TARGET void depthwise(const swl_f32_depthwise_run *run, size_t pixels) {
  const float *packed = run->packed;
  for (size_t channel = 0; channel < run->channels; channel += 8, packed += 8 * (1 + run->kernel_area))
    avx2_depthwise_any(run, pixels, packed, channel);
}

static __attribute__((target("avx2,f16c"))) void half(const void *input, float *output, size_t count) {
  size_t i = 0;
  for (; count - i >= 8; i += 8) {
    __m128i halves = _mm_loadu_si128((const __m128i *)(const void *)((const unsigned char *)input + i * 2));
    _mm256_storeu_ps(output + i, _mm256_cvtph_ps(halves));
  }
  swl_f16_to_f32_from(input, output, i, count);
}

const swl_f32_kernels swl_f32_kernels__avx2 = {
    .rows = 6,
    .widths = {16, 8, 8},
    .tile = {avx2_6x16_tile, avx2_8x8_tile, avx2_8x8_tile},
    .row = avx2_row_any,
    .depthwise_width = 8,
    .depthwise_narrow = 8,
    .depthwise = depthwise,
    .narrow_columns = NARROW_MOST,
    .narrow = avx2_narrow_any,
    .half = half,
};

#endif
