// int16 activations with int8 weights: the tiles of the 8-bit kernels that multiply int16 anyway, with int16 output.
#if defined(__x86_64__)
#define TARGET __attribute__((target("ssse3,sse4.1")))
#define VNNI 0
#include "q8_x86.h"

#define LANES 4
#define ROWS 4
#define WIDE 1
#define FLIPPING 0
#define SHORT 0

typedef __m128i vector;

OPERATION vector v_load(const void *p) { return load_128(p); }
OPERATION void v_store(void *p, vector v) { store_128(p, v); }
OPERATION vector v_hidden(vector a) { return a; }
OPERATION vector v_splat(int32_t value) { return splat_128(value); }
OPERATION vector v_xor(vector a, vector b) { return xor_128(a, b); }
OPERATION vector v_add(vector a, vector b) { return _mm_add_epi32(a, b); }
OPERATION vector v_dot(vector sum, vector a, vector w) { return dot_128(sum, a, w); }
OPERATION void store_words(uint8_t *p, vector a, const uint8_t *scale, const swl_q8_output *q) {
  const __m128i integers = wide_integers_128(a, scale, scale + 8 * LANES);
  _mm_storel_epi64((__m128i *)(void *)p, words_limited(_mm_packs_epi32(integers, integers), q));
}

#define EACH_LOW_ROW_COUNT(M, P) M(1, P) M(2, P)
#define EACH_ROW_COUNT(M, P) EACH_LOW_ROW_COUNT(M, P) M(3, P) M(4, P)

#include "q8_gemm_body.h"

const swl_q8_gemm swl_q16_gemm__sse41 = {
    .lanes = LANES, .row_limit = ROWS, .step = 4, .wide = true, .wide_output = true, .tile = run_tile};
#endif
