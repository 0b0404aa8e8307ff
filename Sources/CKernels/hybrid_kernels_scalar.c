#include "f32_kernels.h"
#include "f32_vector_scalar.h"
#include "hybrid_kernels.h"
#include "hybrid_vector_scalar.h"
#include <math.h>

#define TILE_TARGET
#define TILE_STEP 2

#define TILE(name) hybrid_scalar_2x4_##name
#define V(name) vf1##name
#define VI(name) vi1##name
#define TILE_LANES 1
#define TILE_VECTORS 4
#define TILE_ROWS 2
#include "hybrid_tile.inc"

#define TILE(name) hybrid_scalar_4x1_##name
#define V(name) vf1##name
#define VI(name) vi1##name
#define TILE_LANES 1
#define TILE_VECTORS 1
#define TILE_ROWS 4
#include "hybrid_tile.inc"

#define RANGE scalar_range
#define V(name) vf1##name
#define LANES 1
#include "hybrid_range.inc"

#define QUANTIZE scalar_quantize
#define STORED int16_t
#include "hybrid_quantize.inc"

const swl_hybrid_kernels swl_hybrid_kernels__scalar = {
    .storage = SWL_HYBRID_WIDE,
    .widths = {4, 1, 1},
    .tile = {hybrid_scalar_2x4_tile, hybrid_scalar_4x1_tile, hybrid_scalar_4x1_tile},
    .range = scalar_range,
    .quantize = scalar_quantize,
};
