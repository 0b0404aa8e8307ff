#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define ROWS 12
#define WIDE 0
#define FLIPPING 1
#include "q8_gemm_512.h"

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
