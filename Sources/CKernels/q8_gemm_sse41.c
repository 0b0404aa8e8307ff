#if defined(__x86_64__)
#define TARGET __attribute__((target("ssse3,sse4.1")))
#define VNNI 0
#include "q8_x86.h"

#define LANES 4
#define ROWS 4
#define WIDE 0
#define FLIPPING 0

typedef __m128i vector;
typedef __m128i bytes;
typedef __m128 scales;

OPERATION vector v_load(const void *p) { return load_128(p); }
OPERATION void v_store(void *p, vector v) { store_128(p, v); }
OPERATION vector v_hidden(vector a) { return a; }
OPERATION vector v_splat(int32_t value) { return splat_128(value); }
OPERATION vector v_xor(vector a, vector b) { return xor_128(a, b); }
OPERATION vector v_add(vector a, vector b) { return _mm_add_epi32(a, b); }
OPERATION vector v_dot(vector sum, vector a, vector w) { return dot_128(sum, a, w); }
OPERATION scales f_load(const void *p) { return _mm_loadu_ps(p); }

OPERATION bytes narrow(vector a, vector b, vector c, vector d, scales sa, scales sb, scales sc, scales sd,
                       const swl_q8_output *q) {
  return bytes_128(integers_128(a, sa, q), integers_128(b, sb, q), integers_128(c, sc, q), integers_128(d, sd, q), q);
}

OPERATION void store_quarter(uint8_t *p, bytes b, int part) {
  uint8_t buffer[4 * LANES];
  store_128(buffer, b);
  memcpy(p, buffer + part * LANES, LANES);
}

OPERATION void store_part(uint8_t *p, bytes b, int part, int panels) {
  if (panels == 4)
    store_128(p, b);
  else if (panels == 2)
    _mm_storel_epi64((__m128i *)(void *)p, part == 0 ? b : _mm_unpackhi_epi64(b, b));
  else
    store_quarter(p, b, part);
}

#define EACH_LOW_ROW_COUNT(M, P) M(1, P) M(2, P)
#define EACH_ROW_COUNT(M, P) EACH_LOW_ROW_COUNT(M, P) M(3, P) M(4, P)

#include "q8_gemm_body.h"

const swl_q8_gemm swl_q8_gemm__sse41 = {.lanes = LANES, .row_limit = ROWS, .step = 4, .wide = true, .tile = run_tile};
#endif
