#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma,avxvnni")))
#define VNNI 1
#define WITH_256_BITS
#include "q8_gemm_256.h"

TARGET static int32_t sum_of_bytes(const uint8_t *p, size_t count, uint8_t flip) {
  const __m256i flips = _mm256_set1_epi8((char)flip);
  __m256i sums = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + 32 <= count; i += 32)
    sums = _mm256_add_epi64(sums, _mm256_sad_epu8(xor_256(load_256(p + i), flips), _mm256_setzero_si256()));
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  int32_t sum = _mm_cvtsi128_si32(_mm_add_epi64(half, _mm_unpackhi_epi64(half, half)));
  for (; i < count; i++)
    sum += p[i] ^ flip;
  return sum;
}

static void row_sums(const swl_q8_tile *t, size_t segment_bytes, int32_t *sums) {
  for (size_t r = 0; r < t->row_count; r++) {
    sums[r] = 0;
    for (size_t s = 0; s < t->segment_count; s++)
      sums[r] += sum_of_bytes(t->rows[r] + t->segments[s], segment_bytes, t->activation_flip);
  }
}

const swl_q8_gemm swl_q8_gemm__avxvnni = {
    .lanes = LANES,
    .row_limit = ROWS,
    .step = 4,
    .wide = false,
    .unsigned_activations = true,
    .tile = run_tile,
    .row_sums = row_sums,
};
#endif
