#include "isa_selection.h"
#include "swl_unary.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

static void lookup_scalar(const uint8_t *table, const uint8_t *input, uint8_t *output, size_t count) {
  for (size_t i = 0; i < count; i++)
    output[i] = table[input[i]];
}

#if SWL_HAS_AVX512VNNI

/// Four shuffles over 64 entries each would leave two selections; two two-register permutations leave one.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi"))) static void
lookup_avx512vbmi(const uint8_t *table, const uint8_t *input, uint8_t *output, size_t count) {
  const __m512i t0 = _mm512_loadu_si512(table), t1 = _mm512_loadu_si512(table + 64);
  const __m512i t2 = _mm512_loadu_si512(table + 128), t3 = _mm512_loadu_si512(table + 192);
  for (size_t i = 0; i < count; i += 64) {
    const __mmask64 present = count - i < 64 ? ((__mmask64)1 << (count - i)) - 1 : ~(__mmask64)0;
    const __m512i x = _mm512_maskz_loadu_epi8(present, input + i);
    const __m512i low = _mm512_permutex2var_epi8(t0, x, t1), high = _mm512_permutex2var_epi8(t2, x, t3);
    _mm512_mask_storeu_epi8(output + i, present, _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high));
  }
}

#endif
#if SWL_HAS_AVX2 || SWL_HAS_AVXVNNI || SWL_HAS_AVX512VNNI

/// Sixteen shuffles over 16 entries each. The index moves down by 16 from row to row with saturation, so that its top
/// bit is clear, and the shuffle's result not zero, for one row only.
__attribute__((target("avx2"))) static void lookup_avx2(const uint8_t *table, const uint8_t *input, uint8_t *output,
                                                        size_t count) {
  if (count < 32) { // as the short rows of a concatenation are: the table alone would take longer
    lookup_scalar(table, input, output, count);
    return;
  }
  __m256i rows[16];
  for (int row = 0; row < 16; row++)
    rows[row] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)(table + 16 * row)));
  size_t i = 0;
  for (; count - i >= 32; i += 32) {
    const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(input + i));
    __m256i result = _mm256_setzero_si256();
    for (int row = 0; row < 16; row++) {
      // Adding 0x70 with unsigned saturation sets the top bit of every index above 15; the xor takes the row away.
      const __m256i offset = _mm256_xor_si256(x, _mm256_set1_epi8((char)(row * 16)));
      const __m256i index = _mm256_adds_epu8(offset, _mm256_set1_epi8(0x70));
      result = _mm256_or_si256(result, _mm256_shuffle_epi8(rows[row], index));
    }
    _mm256_storeu_si256((__m256i *)(void *)(output + i), result);
  }
  lookup_scalar(table, input + i, output + i, count - i);
}

#endif
#if defined(__x86_64__)

void swl_lookup_u8(swl_isa isa, const uint8_t *table, const uint8_t *input, uint8_t *output, size_t count) {
#if SWL_HAS_AVX512VNNI
  if (swl_isa_is_avx512(isa) && swl_machine_has_avx512vbmi()) {
    lookup_avx512vbmi(table, input, output, count);
    return;
  }
#endif
#if SWL_HAS_AVX2 || SWL_HAS_AVXVNNI || SWL_HAS_AVX512VNNI
  if (isa == SWL_ISA_AVX2 || isa == SWL_ISA_AVXVNNI || swl_isa_is_avx512(isa)) {
    lookup_avx2(table, input, output, count);
    return;
  }
#endif
  (void)isa;
  lookup_scalar(table, input, output, count);
}

#elif defined(__aarch64__)

/// Four look-ups over 64 entries each; an index beyond a table leaves the result of the others.
static void lookup_neon(const uint8_t *table, const uint8_t *input, uint8_t *output, size_t count) {
  const uint8x16x4_t t0 = vld1q_u8_x4(table), t1 = vld1q_u8_x4(table + 64);
  const uint8x16x4_t t2 = vld1q_u8_x4(table + 128), t3 = vld1q_u8_x4(table + 192);
  const uint8x16_t step = vdupq_n_u8(64);
  size_t i = 0;
  for (; count - i >= 16; i += 16) {
    uint8x16_t x = vld1q_u8(input + i);
    uint8x16_t result = vqtbl4q_u8(t0, x);
    x = vsubq_u8(x, step);
    result = vqtbx4q_u8(result, t1, x);
    x = vsubq_u8(x, step);
    result = vqtbx4q_u8(result, t2, x);
    x = vsubq_u8(x, step);
    vst1q_u8(output + i, vqtbx4q_u8(result, t3, x));
  }
  lookup_scalar(table, input + i, output + i, count - i);
}

void swl_lookup_u8(swl_isa isa, const uint8_t *table, const uint8_t *input, uint8_t *output, size_t count) {
  if (isa == SWL_ISA_SCALAR)
    lookup_scalar(table, input, output, count);
  else
    lookup_neon(table, input, output, count);
}

#else

void swl_lookup_u8(swl_isa isa, const uint8_t *table, const uint8_t *input, uint8_t *output, size_t count) {
  (void)isa;
  lookup_scalar(table, input, output, count);
}

#endif

void swl_lookup_u8_u16(const uint16_t *table, const uint8_t *input, uint16_t *output, size_t count) {
  for (size_t i = 0; i < count; i++)
    output[i] = table[input[i]];
}
