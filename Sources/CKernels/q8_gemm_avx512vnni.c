#if defined(__x86_64__)
#include "q8_kernels.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define LANES 16
#define ROWS 12
#define WIDE 0
#define FLIPPING 1

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

#define EACH_LOW_ROW_COUNT(M, P) M(1, P) M(2, P) M(3, P) M(4, P) M(6, P)
#define EACH_ROW_COUNT(M, P) EACH_LOW_ROW_COUNT(M, P) M(8, P) M(9, P) M(10, P) M(11, P) M(12, P)
#define ROW_COUNTS 0x1F5E

#include "q8_gemm_body.h"

/// Adds the 16 lanes of each of 16 vectors: lane r of the result is the sum of vector r.
VECTOR_FUNCTION __m512i add_across(__m512i v[16]) {
  for (int i = 0; i < 8; i++)
    v[i] = _mm512_add_epi32(_mm512_unpacklo_epi32(v[i], v[i + 8]), _mm512_unpackhi_epi32(v[i], v[i + 8]));
  for (int i = 0; i < 4; i++)
    v[i] = _mm512_add_epi32(_mm512_unpacklo_epi32(v[i], v[i + 4]), _mm512_unpackhi_epi32(v[i], v[i + 4]));
  for (int i = 0; i < 2; i++)
    v[i] = _mm512_add_epi32(_mm512_shuffle_i32x4(v[i], v[i + 2], 0x88), _mm512_shuffle_i32x4(v[i], v[i + 2], 0xDD));
  v[0] = _mm512_add_epi32(_mm512_shuffle_i32x4(v[0], v[1], 0x88), _mm512_shuffle_i32x4(v[0], v[1], 0xDD));
  const __m512i order = _mm512_setr_epi32(0, 8, 4, 12, 1, 9, 5, 13, 2, 10, 6, 14, 3, 11, 7, 15);
  return _mm512_permutexvar_epi32(order, v[0]);
}

TARGET void swl_q8_row_sums__avx512vnni(const swl_q8_tile *t, size_t segment_bytes, int32_t *sums) {
  const __m512i flip = _mm512_set1_epi8((char)t->activation_flip);
  const __mmask64 tail = ((__mmask64)1 << (segment_bytes % 64)) - 1;
  const __m512i ones = _mm512_set1_epi8(1), tail_ones = _mm512_maskz_set1_epi8(tail, 1);
  const size_t whole = segment_bytes & ~(size_t)63, segment_count = t->segment_count, row_count = t->row_count;
  __m512i v[16];
  for (size_t r = 0; r < 16; r++) {
    v[r] = _mm512_setzero_si512();
    if (r >= row_count)
      continue;
    for (size_t s = 0; s < segment_count; s++) {
      const uint8_t *p = t->rows[r] + t->segments[s];
      for (size_t i = 0; i < whole; i += 64)
        v[r] = _mm512_dpbusd_epi32(v[r], _mm512_xor_si512(_mm512_loadu_si512(p + i), flip), ones);
      if (tail != 0)
        v[r] = _mm512_dpbusd_epi32(v[r], _mm512_xor_si512(_mm512_maskz_loadu_epi8(tail, p + whole), flip), tail_ones);
    }
  }
  _mm512_mask_storeu_epi32(sums, (__mmask16)((1u << row_count) - 1), add_across(v));
}

const swl_q8_gemm swl_q8_gemm__avx512vnni = {
    .lanes = LANES,
    .row_limit = ROWS,
    .row_counts = ROW_COUNTS,
    .step = 4,
    .wide = false,
    .unsigned_activations = true,
    .tile = run_tile,
    .row_sums = swl_q8_row_sums__avx512vnni,
};
#endif
