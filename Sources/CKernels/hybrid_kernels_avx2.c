#if defined(__x86_64__)

#include "f32_kernels.h"
#include "f32_vector_avx2.h"
#include "hybrid_kernels.h"
#include "hybrid_vector_avx2.h"
#include <math.h>

#define TILE_TARGET __attribute__((target("avx2,fma")))
#define TILE_STEP 2

#define TILE(name) hybrid_avx2_6x16_##name
#define V(name) vf8##name
#define VI(name) vi8##name
#define TILE_LANES 8
#define TILE_VECTORS 2
#define TILE_ROWS 6
#define TILE_ROW
#include "hybrid_tile.inc"

#define TILE(name) hybrid_avx2_8x8_##name
#define V(name) vf8##name
#define VI(name) vi8##name
#define TILE_LANES 8
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "hybrid_tile.inc"

#define RANGE avx2_range
#define V(name) vf8##name
#define LANES 8
#include "hybrid_range.inc"

#define QUANTIZE avx2_quantize
#define STORED int16_t
#include "hybrid_quantize.inc"

const swl_hybrid_kernels swl_hybrid_kernels__avx2 = {
    .storage = SWL_HYBRID_WIDE,
    .widths = {16, 8, 8},
    .tile = {hybrid_avx2_6x16_tile, hybrid_avx2_8x8_tile, hybrid_avx2_8x8_tile},
    .row = hybrid_avx2_6x16_row,
    .range = avx2_range,
    .quantize = avx2_quantize,
};

#endif
