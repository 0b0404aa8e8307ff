#include "hybrid_kernels.h"
#include "isa_selection.h"

const swl_hybrid_kernels *swl_hybrid_kernels_for(swl_isa isa) {
  switch (isa) {
#if SWL_HAS_SSE41
  case SWL_ISA_SSE41:
    return &swl_hybrid_kernels__sse41;
#endif
#if SWL_HAS_AVX2
  case SWL_ISA_AVX2:
    return &swl_hybrid_kernels__avx2;
#endif
#if SWL_HAS_AVXVNNI
  case SWL_ISA_AVXVNNI:
    return &swl_hybrid_kernels__avxvnni;
#endif
#if SWL_HAS_AVX512VNNI
  case SWL_ISA_AVX512VNNI:
    return &swl_hybrid_kernels__avx512vnni;
#endif
#if SWL_HAS_AMX
  case SWL_ISA_AMX:
    return &swl_hybrid_kernels__amx;
#endif
#if SWL_HAS_NEON
  case SWL_ISA_NEON:
    return &swl_hybrid_kernels__neon;
#endif
#if SWL_HAS_DOTPROD || SWL_HAS_I8MM
  case SWL_ISA_DOTPROD:
  case SWL_ISA_I8MM:
    return &swl_hybrid_kernels__dotprod;
#endif
  default:
    return &swl_hybrid_kernels__scalar;
  }
}
