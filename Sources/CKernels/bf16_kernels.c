#include "bf16_kernels.h"
#include "fused.h"
#include "isa_selection.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define HAS_AVX2 (SWL_HAS_AVX2 || SWL_HAS_AVXVNNI || SWL_HAS_AVX512VNNI)

static inline float number(uint16_t half) {
  const uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#if HAS_AVX2
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)
#endif
#define VARIANT(name) name##__base
#define MACHINE_FLUSHES false
#define FUSED swl_fused_f32
#include "bf16_variant.inc"
#undef VARIANT
#undef MACHINE_FLUSHES
#undef FUSED
#if HAS_AVX2
#pragma clang attribute pop
#endif

static const swl_bf16_kernels base = {.convert = convert__base, .multiply = multiply_tiles__base};

#if HAS_AVX2
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define VARIANT(name) name##__avx2
#define MACHINE_FLUSHES true
#define FUSED __builtin_fmaf
#include "bf16_variant.inc"
#pragma clang attribute pop

static void multiply__avx2(const swl_bf16_run *run, const swl_bf16_tile *tiles, size_t count, size_t pixels) {
  enum { DENORMALS_ARE_ZERO = 1 << 6, FLUSH_TO_ZERO = 1 << 15 };
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | DENORMALS_ARE_ZERO | FLUSH_TO_ZERO);
  multiply_tiles__avx2(run, tiles, count, pixels);
  _mm_setcsr(before);
}

static const swl_bf16_kernels avx2 = {.convert = convert__avx2, .multiply = multiply__avx2};
#endif

const swl_bf16_kernels *swl_bf16_kernels_for(swl_isa isa) {
  switch (isa) {
#if HAS_AVX2
#if SWL_HAS_AMX
  case SWL_ISA_AMX:
    return swl_machine_has_bf16_tiles() ? &swl_bf16_kernels__amx : &avx2;
#endif
  case SWL_ISA_AVX2:
  case SWL_ISA_AVXVNNI:
  case SWL_ISA_AVX512VNNI:
    return &avx2;
#endif
  default:
    return &base;
  }
}
