// 8-bit ADD, SUB and MUL on AVX2 and AVX512.
#ifndef ELEMENTWISE_Q8_X86_H
#define ELEMENTWISE_Q8_X86_H

#include "elementwise_broadcast.h"
#include "elementwise_isa.h"
#include <immintrin.h>
#include <string.h>

enum { LOW_BITS = 15 };

#if HAS_ELEMENTWISE_AVX2
#define NAME(name) name##__avx2
#define TARGET __attribute__((target("avx2,fma")))
#define VECTOR __m256i
#define OP(name) _mm256_##name
#define DOT(sum, a, b) _mm256_add_epi32(sum, _mm256_madd_epi16(a, b))
#define AS_FLOATS _mm256_castsi256_ps
#define XOR _mm256_xor_si256
#define LOAD(from) _mm256_loadu_si256((const __m256i *)(from))
#define STORE(to, v) _mm256_storeu_si256((__m256i *)(to), v)
#define LOW_HALF _mm256_castsi256_si128
#define HIGH_HALF(v) _mm256_extracti128_si256(v, 1)
#define IN_ORDER(v) _mm256_permute4x64_epi64(v, 0xD8)
#include "elementwise_q8_x86.inc"
#endif

#if HAS_ELEMENTWISE_AVX512
#define NAME(name) name##__avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")))
#define VECTOR __m512i
#define OP(name) _mm512_##name
#define DOT(sum, a, b) _mm512_dpwssd_epi32(sum, a, b)
#define AS_FLOATS _mm512_castsi512_ps
#define XOR _mm512_xor_si512
#define LOAD(from) _mm512_loadu_si512(from)
#define STORE(to, v) _mm512_storeu_si512(to, v)
#define LOW_HALF _mm512_castsi512_si256
#define HIGH_HALF(v) _mm512_extracti64x4_epi64(v, 1)
#define IN_ORDER(v) _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), v)
#include "elementwise_q8_x86.inc"
#endif

#endif
