#if defined(__x86_64__)

#include "f32_kernels.h"
#include "f32_vector_avx2.h"
#include "hybrid_kernels.h"
#include "hybrid_vector_avx2.h"
#include <math.h>

#define TILE_TARGET __attribute__((target("avx2,fma,avxvnni")))
#define TILE_STEP 4

#define TILE(name) hybrid_avxvnni_6x16_##name
#define V(name) vf8##name
#define VI(name) vn8##name
#define TILE_LANES 8
#define TILE_VECTORS 2
#define TILE_ROWS 6
#define TILE_ROW
#include "hybrid_tile.inc"

#define TILE(name) hybrid_avxvnni_8x8_##name
#define V(name) vf8##name
#define VI(name) vn8##name
#define TILE_LANES 8
#define TILE_VECTORS 1
#define TILE_ROWS 8
#include "hybrid_tile.inc"

#define RANGE avxvnni_range
#define V(name) vf8##name
#define LANES 8
#include "hybrid_range.inc"

#define QUANTIZE avxvnni_quantize
#define STORED uint8_t
#include "hybrid_quantize.inc"

const swl_hybrid_kernels swl_hybrid_kernels__avxvnni = {
    .storage = SWL_HYBRID_UNSIGNED,
    .widths = {16, 8, 8},
    .tile = {hybrid_avxvnni_6x16_tile, hybrid_avxvnni_8x8_tile, hybrid_avxvnni_8x8_tile},
    .row = hybrid_avxvnni_6x16_row,
    .range = avxvnni_range,
    .quantize = avxvnni_quantize,
};

#endif
