#if defined(__x86_64__)

#include "f32_kernels.h"
#include "f32_vector_avx2.h"
#include "f32_vector_avx512.h"
#include "hybrid_kernels.h"
#include "hybrid_vector_avx512.h"
#include "isa_selection.h"
#include <math.h>

#define TILE_TARGET __attribute__((target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw,avx512vnni")))
#define TILE_STEP 4

#define TILE(name) hybrid_avx512_8x32_##name
#define V(name) vf16##name
#define VI(name) vn16##name
#define TILE_LANES 16
#define TILE_VECTORS 2
#define TILE_ROWS 8
#define TILE_ROW
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

#define RANGE avx512vnni_range
#define V(name) vf16##name
#define LANES 16
#include "hybrid_range.inc"

/// maxps returns its second operand when the first is NaN; the conversion rounds to nearest even.
static TILE_TARGET void avx512vnni_quantize(const float *input, size_t count, const swl_hybrid_quantizer *quantizer,
                                            void *stored) {
  const __m512 scale = _mm512_set1_ps(quantizer->scale);
  const __m512 lowest = _mm512_set1_ps(quantizer->lowest), highest = _mm512_set1_ps(quantizer->highest);
  const __m512i zero = _mm512_set1_epi32(quantizer->zero);
  unsigned char *output = stored;
  for (size_t i = 0; i < count; i += 16) {
    size_t left = count - i;
    __m512 x = _mm512_mul_ps(left < 16 ? vf16_load_part(input + i, left) : vf16_load(input + i), scale);
    x = _mm512_min_ps(_mm512_max_ps(x, lowest), highest);
    __m128i bytes = _mm512_cvtepi32_epi8(_mm512_add_epi32(_mm512_cvtps_epi32(x), zero));
    if (left < 16)
      _mm_mask_storeu_epi8(output + i, vf16_mask(left), bytes);
    else
      _mm_storeu_si128((__m128i *)(void *)(output + i), bytes);
  }
}

#define KERNELS(tile_32, tile_16, release)                                                                             \
  {                                                                                                                    \
    .storage = SWL_HYBRID_UNSIGNED, .widths = {32, 16, 8}, .tile = {tile_32, tile_16, hybrid_avx512_8x8_tile},         \
    .end = release, .row = hybrid_avx512_8x32_row, .range = avx512vnni_range, .quantize = avx512vnni_quantize,         \
  }

const swl_hybrid_kernels swl_hybrid_kernels__avx512vnni =
    KERNELS(hybrid_avx512_8x32_tile, hybrid_avx512_8x16_tile, NULL);

#if SWL_HAS_AMX
const swl_hybrid_kernels swl_hybrid_kernels__amx =
    KERNELS(swl_hybrid_tile_32__amx, swl_hybrid_tile_16__amx, swl_hybrid_end__amx);
#endif

#endif
