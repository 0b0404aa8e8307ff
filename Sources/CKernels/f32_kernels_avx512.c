#if defined(__x86_64__)

#include "f32_half.h"
#include "f32_kernels.h"
#include "f32_vector_avx2.h"
#include "f32_vector_avx512.h"

#define TILE_TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))

#define TILE(name) avx512_8x32_##name
#define V(name) vf16##name
#define TILE_LANES 16
#define TILE_VECTORS 2
#define TILE_ROWS 8
#include "f32_tile.inc"

#define TILE(name) avx512_16x16_##name
#define V(name) vf16##name
#define TILE_LANES 16
#define TILE_VECTORS 1
#define TILE_ROWS 16
#include "f32_tile.inc"

#define TILE(name) avx512_8x8_##name
#define V(name) vf8##name
#define TILE_LANES 8
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "f32_tile.inc"

#define ROW(name) avx512_row_##name
#define V(name) vf16##name
#define TILE_LANES 16
#define TILE_VECTORS 2
#include "f32_row.inc"

#define DEPTHWISE(name) avx512_depthwise16_##name
#define V(name) vf16##name
#define LANES 16
#include "f32_depthwise.inc"

#define DEPTHWISE(name) avx512_depthwise8_##name
#define V(name) vf8##name
#define LANES 8
#include "f32_depthwise.inc"

#define NARROW(name) avx512_narrow_##name
#define V(name) vf16##name
#define TILE_LANES 16
#define NARROW_MOST 8
#include "f32_narrow.inc"

static TILE_TARGET void depthwise(const swl_f32_depthwise_run *run, size_t pixels) {
  const float *packed = run->packed;
  size_t channel = 0;
  for (; run->channels - channel > 8; packed += 16 * (1 + run->kernel_area)) {
    avx512_depthwise16_any(run, pixels, packed, channel);
    if (run->channels - channel <= 16)
      return;
    channel += 16;
  }
  avx512_depthwise8_any(run, pixels, packed, channel);
}

static __attribute__((target("avx512f"))) void half(const void *input, float *output, size_t count) {
  size_t i = 0;
  for (; count - i >= 16; i += 16) {
    __m256i halves = _mm256_loadu_si256((const __m256i *)(const void *)((const unsigned char *)input + i * 2));
    _mm512_storeu_ps(output + i, _mm512_cvtph_ps(halves));
  }
  swl_f16_to_f32_from(input, output, i, count);
}

const swl_f32_kernels swl_f32_kernels__avx512 = {
    .rows = 8,
    .widths = {32, 16, 8},
    .tile = {avx512_8x32_tile, avx512_16x16_tile, avx512_8x8_tile},
    .row = avx512_row_any,
    .depthwise_width = 16,
    .depthwise_narrow = 8,
    .depthwise = depthwise,
    .narrow_columns = NARROW_MOST,
    .narrow = avx512_narrow_any,
    .half = half,
};

/// Processors with AMX multiply 512 bits as fast as 256, which a panel of eight channels would waste: 24 channels are
/// one panel of 32 here, on others one of 16 and one of 8.
const swl_f32_kernels swl_f32_kernels__amx = {
    .rows = 8,
    .widths = {32, 16, 16},
    .tile = {avx512_8x32_tile, avx512_16x16_tile, avx512_16x16_tile},
    .row = avx512_row_any,
    .depthwise_width = 16,
    .depthwise_narrow = 8,
    .depthwise = depthwise,
    .narrow_columns = NARROW_MOST,
    .narrow = avx512_narrow_any,
    .half = half,
};

#endif
