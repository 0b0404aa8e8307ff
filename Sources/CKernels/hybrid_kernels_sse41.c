#if defined(__x86_64__)

#include "f32_kernels.h"
#include "f32_vector_sse41.h"
#include "hybrid_kernels.h"
#include "hybrid_vector_sse41.h"
#include <math.h>

#define TILE_TARGET __attribute__((target("sse4.1")))
#define TILE_STEP 2
#define TILE_FUSED vi4_fused

#define TILE(name) hybrid_sse41_4x8_##name
#define V(name) vf4##name
#define VI(name) vi4##name
#define TILE_LANES 4
#define TILE_VECTORS 2
#define TILE_ROWS 4
#define TILE_ROW
#include "hybrid_tile.inc"

#define TILE(name) hybrid_sse41_8x4_##name
#define V(name) vf4##name
#define VI(name) vi4##name
#define TILE_LANES 4
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "hybrid_tile.inc"

#define RANGE sse41_range
#define V(name) vf4##name
#define LANES 4
#include "hybrid_range.inc"

#define QUANTIZE sse41_quantize
#define STORED int16_t
#include "hybrid_quantize.inc"

const swl_hybrid_kernels swl_hybrid_kernels__sse41 = {
    .storage = SWL_HYBRID_WIDE,
    .widths = {8, 4, 4},
    .tile = {hybrid_sse41_4x8_tile, hybrid_sse41_8x4_tile, hybrid_sse41_8x4_tile},
    .row = hybrid_sse41_4x8_row,
    .range = sse41_range,
    .quantize = sse41_quantize,
};

#endif
