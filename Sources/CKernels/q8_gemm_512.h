// The operations of the 8-bit GEMM tiles on 512 bits. The including file defines TARGET.
#include "q8_kernels.h"
#include <immintrin.h>

#define LANES 16

typedef __m512i vector;
typedef __m512i bytes;
typedef __m512 scales;

#define VECTOR_FUNCTION static inline __attribute__((always_inline)) TARGET

VECTOR_FUNCTION vector v_load(const void *p) { return _mm512_loadu_si512(p); }
VECTOR_FUNCTION void v_store(void *p, vector v) { _mm512_storeu_si512(p, v); }
VECTOR_FUNCTION vector v_splat(int32_t value) { return _mm512_set1_epi32(value); }
/// Else compilers flip four bytes before they repeat them, and the broadcast from a register takes the shuffle unit.
VECTOR_FUNCTION vector v_hidden(vector a) {
  __asm__("" : "+v"(a));
  return a;
}
VECTOR_FUNCTION vector v_xor(vector a, vector b) { return _mm512_xor_si512(a, b); }
VECTOR_FUNCTION vector v_add(vector a, vector b) { return _mm512_add_epi32(a, b); }
VECTOR_FUNCTION vector v_dot(vector sum, vector a, vector w) { return _mm512_dpbusd_epi32(sum, a, w); }
VECTOR_FUNCTION scales f_load(const void *p) { return _mm512_loadu_ps(p); }

/// Rounds to nearest even under the default rounding mode; what is below int32 becomes its minimum.
VECTOR_FUNCTION vector to_integers(vector a, scales scale) {
  return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(a), scale));
}

VECTOR_FUNCTION bytes narrow(vector a, vector b, vector c, vector d, scales sa, scales sb, scales sc, scales sd,
                             const swl_q8_output *q) {
  const __m512i zero_point = _mm512_set1_epi16((int16_t)q->zero_point);
  const __m512i ab = _mm512_adds_epi16(_mm512_packs_epi32(to_integers(a, sa), to_integers(b, sb)), zero_point);
  const __m512i cd = _mm512_adds_epi16(_mm512_packs_epi32(to_integers(c, sc), to_integers(d, sd)), zero_point);
  __m512i result = _mm512_packs_epi16(ab, cd);
  result = _mm512_max_epi8(result, _mm512_set1_epi8((int8_t)q->minimum));
  result = _mm512_min_epi8(result, _mm512_set1_epi8((int8_t)q->maximum));
  result = _mm512_xor_si512(result, _mm512_set1_epi8((char)q->flip));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, result);
}

VECTOR_FUNCTION void store_part(uint8_t *p, bytes b, int part, int panels) {
  if (panels == 4)
    _mm512_storeu_si512(p, b);
  else if (panels == 2)
    _mm256_storeu_si256((__m256i *)(void *)p, part == 0 ? _mm512_castsi512_si256(b) : _mm512_extracti64x4_epi64(b, 1));
  else if (part == 0)
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_castsi512_si128(b));
  else if (part == 1)
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_extracti32x4_epi32(b, 1));
  else if (part == 2)
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_extracti32x4_epi32(b, 2));
  else
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_extracti32x4_epi32(b, 3));
}
