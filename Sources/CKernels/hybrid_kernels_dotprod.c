#if defined(__ARM_NEON) && defined(__aarch64__)

#include "f32_kernels.h"
#include "f32_vector_neon.h"
#include "hybrid_kernels.h"
#include "hybrid_vector_neon.h"
#include <math.h>

#define TILE_TARGET __attribute__((target("dotprod")))
#define TILE_STEP 4
#define TILE_BY_LANE

#define TILE(name) hybrid_dotprod_8x8_##name
#define V(name) vf4##name
#define VI(name) vd4##name
#define TILE_LANES 4
#define TILE_VECTORS 2
#define TILE_ROWS 8
#define TILE_ROW
#include "hybrid_tile.inc"

#define TILE(name) hybrid_dotprod_8x4_##name
#define V(name) vf4##name
#define VI(name) vd4##name
#define TILE_LANES 4
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "hybrid_tile.inc"

#define RANGE dotprod_range
#define V(name) vf4##name
#define LANES 4
#include "hybrid_range.inc"

#define QUANTIZE dotprod_quantize
#define STORED int8_t
#include "hybrid_quantize.inc"

const swl_hybrid_kernels swl_hybrid_kernels__dotprod = {
    .storage = SWL_HYBRID_SIGNED,
    .widths = {8, 4, 4},
    .tile = {hybrid_dotprod_8x8_tile, hybrid_dotprod_8x4_tile, hybrid_dotprod_8x4_tile},
    .row = hybrid_dotprod_8x8_row,
    .range = dotprod_range,
    .quantize = dotprod_quantize,
};

#endif
