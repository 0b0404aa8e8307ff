// The operations of q8_gemm_body.h on 256 bits. Packing works within halves of 128 bits, and is put in order after.
#include "q8_x86.h"

#define LANES 8
#ifndef ROWS
#define ROWS 6
#endif
#ifndef WIDE
#define WIDE 0
#endif
#define FLIPPING (VNNI && !WIDE)

typedef __m256i vector;
typedef __m256i bytes;
typedef __m256 scales;

OPERATION vector v_load(const void *p) { return load_256(p); }
OPERATION void v_store(void *p, vector v) { store_256(p, v); }
OPERATION vector v_hidden(vector a) {
  __asm__("" : "+x"(a));
  return a;
}
OPERATION vector v_splat(int32_t value) { return splat_256(value); }
OPERATION vector v_xor(vector a, vector b) { return xor_256(a, b); }
OPERATION vector v_add(vector a, vector b) { return _mm256_add_epi32(a, b); }
OPERATION vector v_dot(vector sum, vector a, vector w) {
#if WIDE && VNNI
  return DPWSSD(_mm256)(sum, a, w);
#else
  return dot_256(sum, a, w);
#endif
}
OPERATION scales f_load(const void *p) { return _mm256_loadu_ps(p); }

#if WIDE
OPERATION void store_words(uint8_t *p, vector a, const uint8_t *scale, const swl_q8_output *q) {
  store_128(p, half_words_256(a, scale, scale + 8 * LANES, q));
}
OPERATION void store_short_words(uint8_t *p, vector a, const uint8_t *scale, const swl_q8_output *q) {
  const __m256i integers = short_integers_256(a, load_256(scale), load_256(scale + 4 * LANES));
  const __m128i high = _mm256_extracti128_si256(integers, 1);
  store_128(p, words_limited(_mm_packs_epi32(_mm256_castsi256_si128(integers), high), q));
}
#define SHORT 1
#else
OPERATION bytes narrow(vector a, vector b, vector c, vector d, scales sa, scales sb, scales sc, scales sd,
                       const swl_q8_output *q) {
  const __m256i packed =
      bytes_256(integers_256(a, sa, q), integers_256(b, sb, q), integers_256(c, sc, q), integers_256(d, sd, q), q);
  return _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

OPERATION void store_part(uint8_t *p, bytes b, int part, int panels) {
  const __m128i half = part < 2 ? _mm256_castsi256_si128(b) : _mm256_extracti128_si256(b, 1);
  if (panels == 4)
    store_256(p, b);
  else if (panels == 2)
    store_128(p, half);
  else
    _mm_storel_epi64((__m128i *)(void *)p, part % 2 == 0 ? half : _mm_unpackhi_epi64(half, half));
}
#endif

#ifndef EACH_ROW_COUNT
#define EACH_LOW_ROW_COUNT(M, P) M(1, P) M(2, P) M(3, P)
#define EACH_ROW_COUNT(M, P) EACH_LOW_ROW_COUNT(M, P) M(4, P) M(5, P) M(6, P)
#endif

#include "q8_gemm_body.h"
