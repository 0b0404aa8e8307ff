#if defined(__ARM_NEON)

#include "f32_kernels.h"
#include "f32_vector_neon.h"
#include "hybrid_kernels.h"
#include "hybrid_vector_neon.h"
#include <math.h>

#define TILE_TARGET
#define TILE_STEP 2
#if defined(__aarch64__)
#define TILE_BY_LANE
#endif

#define TILE(name) hybrid_neon_6x8_##name
#define V(name) vf4##name
#define VI(name) vi4##name
#define TILE_LANES 4
#define TILE_VECTORS 2
#define TILE_ROWS 6
#define TILE_ROW
#include "hybrid_tile.inc"

#define TILE(name) hybrid_neon_8x4_##name
#define V(name) vf4##name
#define VI(name) vi4##name
#define TILE_LANES 4
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "hybrid_tile.inc"

#define RANGE neon_range
#define V(name) vf4##name
#define LANES 4
#include "hybrid_range.inc"

#define QUANTIZE neon_quantize
#define STORED int16_t
#include "hybrid_quantize.inc"

const swl_hybrid_kernels swl_hybrid_kernels__neon = {
    .storage = SWL_HYBRID_WIDE,
    .widths = {8, 4, 4},
    .tile = {hybrid_neon_6x8_tile, hybrid_neon_8x4_tile, hybrid_neon_8x4_tile},
    .row = hybrid_neon_6x8_row,
    .range = neon_range,
    .quantize = neon_quantize,
};

#endif
