#include "hybrid_kernels.h"

const swl_hybrid_kernels *swl_hybrid_kernels_for(swl_isa isa) {
  switch (isa) {
#if defined(__x86_64__)
  case SWL_ISA_SSE41:
    return &swl_hybrid_kernels__sse41;
  case SWL_ISA_AVX2:
    return &swl_hybrid_kernels__avx2;
  case SWL_ISA_AVXVNNI:
    return &swl_hybrid_kernels__avxvnni;
  case SWL_ISA_AVX512VNNI:
    return &swl_hybrid_kernels__avx512vnni;
#elif defined(__ARM_NEON)
  case SWL_ISA_NEON:
    return &swl_hybrid_kernels__neon;
#if defined(__aarch64__)
  case SWL_ISA_DOTPROD:
  case SWL_ISA_I8MM:
    return &swl_hybrid_kernels__dotprod;
#endif
#endif
  default:
    return &swl_hybrid_kernels__scalar;
  }
}
