#include "lstm_squash.h"

#include "lstm_fixed_point.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("sse4.1"))), apply_to = function)
#define VARIANT(name) name##__sse41
#define LANES 8
#define MULTIPLY(a, b) (lanes__sse41) _mm_mulhrs_epi16((__m128i)(a), (__m128i)(b))
#include "lstm_squash.inc"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define VARIANT(name) name##__avx2
#define LANES 16
#define MULTIPLY(a, b) (lanes__avx2) _mm256_mulhrs_epi16((__m256i)(a), (__m256i)(b))
#include "lstm_squash.inc"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl"))), apply_to = function)
#define VARIANT(name) name##__avx512
#define LANES 32
#define MULTIPLY(a, b) (lanes__avx512) _mm512_mulhrs_epi16((__m512i)(a), (__m512i)(b))
#include "lstm_squash.inc"
#pragma clang attribute pop

#elif defined(__aarch64__)
#include <arm_neon.h>

#define VARIANT(name) name##__neon
#define LANES 8
#define MULTIPLY(a, b) (lanes__neon) vqrdmulhq_s16((int16x8_t)(a), (int16x8_t)(b))
#include "lstm_squash.inc"

#endif

void lstm_logistic(swl_isa isa, const int16_t *x, int16_t *y, size_t count) {
  size_t i = 0;
  switch (isa) {
#if defined(__x86_64__)
  case SWL_ISA_AVX512VNNI:
  case SWL_ISA_AMX:
    i = logistic__avx512(x, y, count);
    __attribute__((fallthrough));
  case SWL_ISA_AVXVNNI:
  case SWL_ISA_AVX2:
    logistic__avx2(x + i, y + i, count - i);
    return;
  case SWL_ISA_SSE41:
    logistic__sse41(x, y, count);
    return;
#elif defined(__aarch64__)
  case SWL_ISA_NEON:
  case SWL_ISA_DOTPROD:
  case SWL_ISA_I8MM:
    logistic__neon(x, y, count);
    return;
#endif
  default:
    for (; i < count; i++)
      y[i] = q15_logistic(x[i]);
  }
}

void lstm_tanh(swl_isa isa, const int16_t *x, int16_t *y, size_t count, int integer_bits) {
  size_t i = 0;
  switch (isa) {
#if defined(__x86_64__)
  case SWL_ISA_AVX512VNNI:
  case SWL_ISA_AMX:
    i = tanh__avx512(x, y, count, integer_bits);
    __attribute__((fallthrough));
  case SWL_ISA_AVXVNNI:
  case SWL_ISA_AVX2:
    tanh__avx2(x + i, y + i, count - i, integer_bits);
    return;
  case SWL_ISA_SSE41:
    tanh__sse41(x, y, count, integer_bits);
    return;
#elif defined(__aarch64__)
  case SWL_ISA_NEON:
  case SWL_ISA_DOTPROD:
  case SWL_ISA_I8MM:
    tanh__neon(x, y, count, integer_bits);
    return;
#endif
  default:
    for (; i < count; i++)
      y[i] = q15_tanh(x[i], integer_bits);
  }
}
