#include "lstm_gemv.h"
#include "isa_selection.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

void lstm_gemv_pack(const void *matrix, size_t first, size_t rows, size_t depth, int8_t *packed) {
  const int8_t *weights = matrix;
  const size_t groups = lstm_groups(depth);
  for (size_t r = 0; r < rows; r++) {
    const size_t row = first + r;
    int8_t *block = packed + (row / 16 * groups * 16 + row % 16) * 4;
    for (size_t k = 0; k < depth; k++)
      block[k / 4 * 64 + k % 4] = weights[r * depth + k];
  }
}

static void gemv__base(const int8_t *packed, const int32_t *start, const int8_t *vector, size_t groups, size_t blocks,
                       int32_t *sums) {
  for (size_t b = 0; b < blocks; b++) {
    for (size_t r = 0; r < 16; r++)
      sums[b * 16 + r] = start[b * 16 + r];
    for (size_t g = 0; g < groups; g++, packed += 64)
      for (size_t r = 0; r < 16; r++) {
        uint32_t sum = (uint32_t)sums[b * 16 + r]; // modulo 2^32, as the vector units add
        for (size_t k = 0; k < 4; k++)
          sum += (uint32_t)(packed[r * 4 + k] * vector[g * 4 + k]);
        sums[b * 16 + r] = (int32_t)sum;
      }
  }
}

#if defined(__x86_64__)

static inline int32_t four(const int8_t *vector) {
  int32_t value;
  memcpy(&value, vector, sizeof value);
  return value;
}

__attribute__((target("sse4.1"))) static void gemv__sse41(const int8_t *packed, const int32_t *start,
                                                          const int8_t *vector, size_t groups, size_t blocks,
                                                          int32_t *sums) {
  for (size_t b = 0; b < blocks; b++) {
    // Each holds two rows, two partial sums side by side.
    __m128i sum[8];
    for (size_t q = 0; q < 8; q++)
      sum[q] = _mm_setzero_si128();
    for (size_t g = 0; g < groups; g++, packed += 64) {
      const __m128i x = _mm_cvtepi8_epi16(_mm_set1_epi32(four(vector + g * 4)));
      for (size_t q = 0; q < 8; q++) {
        const __m128i w = _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)(const void *)(packed + q * 8)));
        sum[q] = _mm_add_epi32(sum[q], _mm_madd_epi16(w, x));
      }
    }
    for (size_t q = 0; q < 4; q++) {
      const __m128i base = _mm_loadu_si128((const __m128i *)(const void *)(start + b * 16 + q * 4));
      const __m128i rows = _mm_hadd_epi32(sum[q * 2], sum[q * 2 + 1]);
      _mm_storeu_si128((__m128i *)(void *)(sums + b * 16 + q * 4), _mm_add_epi32(base, rows));
    }
  }
}

__attribute__((target("avx2"))) static void gemv__avx2(const int8_t *packed, const int32_t *start, const int8_t *vector,
                                                       size_t groups, size_t blocks, int32_t *sums) {
  for (size_t b = 0; b < blocks; b++) {
    // Each holds four rows, two partial sums side by side.
    __m256i sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
    for (size_t g = 0; g < groups; g++, packed += 64) {
      const __m128i bytes = _mm_set1_epi32(four(vector + g * 4));
      const __m256i x = _mm256_cvtepi8_epi16(bytes);
      for (size_t q = 0; q < 4; q++) {
        const __m256i w = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(packed + q * 16)));
        sum[q] = _mm256_add_epi32(sum[q], _mm256_madd_epi16(w, x));
      }
    }
    for (size_t half = 0; half < 2; half++) {
      const __m256i pairs = _mm256_hadd_epi32(sum[half * 2], sum[half * 2 + 1]);
      const __m256i rows = _mm256_permute4x64_epi64(pairs, 0xd8);
      const __m256i base = _mm256_loadu_si256((const __m256i *)(const void *)(start + b * 16 + half * 8));
      _mm256_storeu_si256((__m256i *)(void *)(sums + b * 16 + half * 8), _mm256_add_epi32(base, rows));
    }
  }
}

__attribute__((target("avx2,avxvnni"))) static void gemv__avxvnni(const int8_t *packed, const int32_t *start,
                                                                  const int8_t *vector, size_t groups, size_t blocks,
                                                                  int32_t *sums) {
  const __m256i flip = _mm256_set1_epi8((char)0x80);
  for (size_t b = 0; b < blocks; b++) {
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(start + b * 16));
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(start + b * 16 + 8));
    for (size_t g = 0; g < groups; g++, packed += 64) {
      const __m256i x = _mm256_xor_si256(_mm256_set1_epi32(four(vector + g * 4)), flip);
      low = _mm256_dpbusd_avx_epi32(low, x, _mm256_loadu_si256((const __m256i *)(const void *)packed));
      high = _mm256_dpbusd_avx_epi32(high, x, _mm256_loadu_si256((const __m256i *)(const void *)(packed + 32)));
    }
    _mm256_storeu_si256((__m256i *)(void *)(sums + b * 16), low);
    _mm256_storeu_si256((__m256i *)(void *)(sums + b * 16 + 8), high);
  }
}

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

AVX512 static inline __m512i step__avx512(__m512i sum, const int8_t *packed, __m512i x) {
  return _mm512_dpbusd_epi32(sum, x, _mm512_loadu_si512(packed));
}

/// Four blocks at a time, so that the multiplications of one do not wait for each other.
AVX512 static void gemv__avx512vnni(const int8_t *packed, const int32_t *start, const int8_t *vector, size_t groups,
                                    size_t blocks, int32_t *sums) {
  const __m512i flip = _mm512_set1_epi8((char)0x80);
  const size_t block_bytes = groups * 64;
  size_t b = 0;
  for (; blocks - b >= 4; b += 4, packed += 4 * block_bytes) {
    __m512i sum[4];
    for (size_t i = 0; i < 4; i++)
      sum[i] = _mm512_loadu_si512(start + (b + i) * 16);
    for (size_t g = 0; g < groups; g++) {
      const __m512i x = _mm512_xor_si512(_mm512_set1_epi32(four(vector + g * 4)), flip);
      for (size_t i = 0; i < 4; i++)
        sum[i] = step__avx512(sum[i], packed + i * block_bytes + g * 64, x);
    }
    for (size_t i = 0; i < 4; i++)
      _mm512_storeu_si512(sums + (b + i) * 16, sum[i]);
  }
  for (; b < blocks; b++, packed += block_bytes) {
    __m512i sum = _mm512_loadu_si512(start + b * 16);
    for (size_t g = 0; g < groups; g++)
      sum = step__avx512(sum, packed + g * 64, _mm512_xor_si512(_mm512_set1_epi32(four(vector + g * 4)), flip));
    _mm512_storeu_si512(sums + b * 16, sum);
  }
}

#elif defined(__aarch64__)

static void gemv__neon(const int8_t *packed, const int32_t *start, const int8_t *vector, size_t groups, size_t blocks,
                       int32_t *sums) {
  for (size_t b = 0; b < blocks; b++) {
    // Each holds two rows, two partial sums side by side.
    int32x4_t sum[8];
    for (size_t q = 0; q < 8; q++)
      sum[q] = vdupq_n_s32(0);
    for (size_t g = 0; g < groups; g++, packed += 64) {
      int32_t bytes;
      memcpy(&bytes, vector + g * 4, sizeof bytes);
      const int8x8_t x = vreinterpret_s8_s32(vdup_n_s32(bytes));
      for (size_t q = 0; q < 8; q++)
        sum[q] = vpadalq_s16(sum[q], vmull_s8(vld1_s8(packed + q * 8), x));
    }
    for (size_t q = 0; q < 4; q++) {
      const int32x4_t rows = vpaddq_s32(sum[q * 2], sum[q * 2 + 1]);
      vst1q_s32(sums + b * 16 + q * 4, vaddq_s32(vld1q_s32(start + b * 16 + q * 4), rows));
    }
  }
}

__attribute__((target("dotprod"))) static void gemv__dotprod(const int8_t *packed, const int32_t *start,
                                                             const int8_t *vector, size_t groups, size_t blocks,
                                                             int32_t *sums) {
  for (size_t b = 0; b < blocks; b++) {
    int32x4_t sum[4];
    for (size_t q = 0; q < 4; q++)
      sum[q] = vld1q_s32(start + b * 16 + q * 4);
    for (size_t g = 0; g < groups; g++, packed += 64) {
      int32_t bytes;
      memcpy(&bytes, vector + g * 4, sizeof bytes);
      const int8x16_t x = vreinterpretq_s8_s32(vdupq_n_s32(bytes));
      for (size_t q = 0; q < 4; q++)
        sum[q] = vdotq_s32(sum[q], vld1q_s8(packed + q * 16), x);
    }
    for (size_t q = 0; q < 4; q++)
      vst1q_s32(sums + b * 16 + q * 4, sum[q]);
  }
}

#endif

lstm_gemv lstm_gemv_for(swl_isa isa) {
  switch (isa) {
#if SWL_HAS_SSE41
  case SWL_ISA_SSE41:
    return gemv__sse41;
#endif
#if SWL_HAS_AVX2
  case SWL_ISA_AVX2:
    return gemv__avx2;
#endif
#if SWL_HAS_AVXVNNI
  case SWL_ISA_AVXVNNI:
    return gemv__avxvnni;
#endif
#if SWL_HAS_AVX512VNNI
  case SWL_ISA_AVX512VNNI:
  case SWL_ISA_AMX:
    return gemv__avx512vnni;
#endif
#if SWL_HAS_NEON
  case SWL_ISA_NEON:
    return gemv__neon;
#endif
#if SWL_HAS_DOTPROD || SWL_HAS_I8MM
  case SWL_ISA_DOTPROD:
  case SWL_ISA_I8MM:
    return gemv__dotprod;
#endif
  default:
    return gemv__base;
  }
}

int32_t lstm_gemv_offset(swl_isa isa) { return isa == SWL_ISA_AVXVNNI || swl_isa_is_avx512(isa) ? 128 : 0; }
