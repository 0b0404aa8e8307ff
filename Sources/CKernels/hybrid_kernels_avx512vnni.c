#if defined(__x86_64__)

#include "f32_kernels.h"
#include "f32_vector_avx2.h"
#include "f32_vector_avx512.h"
#include "hybrid_kernels.h"
#include "hybrid_vector_avx512.h"
#include <math.h>

#define TILE_TARGET __attribute__((target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw,avx512vnni")))
#define TILE_STEP 4

#define TILE(name) hybrid_avx512_8x32_##name
#define V(name) vf16##name
#define VI(name) vn16##name
#define TILE_LANES 16
#define TILE_VECTORS 2
#define TILE_ROWS 8
#include "hybrid_tile.inc"

#define TILE(name) hybrid_avx512_8x16_##name
#define V(name) vf16##name
#define VI(name) vn16##name
#define TILE_LANES 16
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "hybrid_tile.inc"

#define TILE(name) hybrid_avx512_8x8_##name
#define V(name) vf8##name
#define VI(name) vm8##name
#define TILE_LANES 8
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "hybrid_tile.inc"

#define QUANTIZE(name) avx512vnni_##name
#define V(name) vf16##name
#define LANES 16
#define STORED uint8_t
#include "hybrid_quantize.inc"

const swl_hybrid_kernels swl_hybrid_kernels__avx512vnni = {
    .storage = SWL_HYBRID_UNSIGNED,
    .rows = 8,
    .widths = {32, 16, 8},
    .tile = {hybrid_avx512_8x32_tile, hybrid_avx512_8x16_tile, hybrid_avx512_8x8_tile},
    .range = avx512vnni_range,
    .quantize = avx512vnni_quantize,
};

#endif
