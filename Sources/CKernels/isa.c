#include "isa_selection.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#ifndef HWCAP_ASIMDDP
#define HWCAP_ASIMDDP (1UL << 20)
#endif
#ifndef HWCAP2_I8MM
#define HWCAP2_I8MM (1UL << 13)
#endif
#endif

static bool is_built(swl_isa isa) {
#ifdef SWL_ONLY_ISA
  return isa == SWL_ISA_SCALAR || (int)isa == SWL_ONLY_ISA;
#else
  (void)isa;
  return true;
#endif
}

static bool machine_has(swl_isa isa) {
  switch (isa) {
  case SWL_ISA_SCALAR:
    return true;
#if defined(__x86_64__)
  // The compiler's support library also checks with xgetbv that the operating system saves the registers.
  case SWL_ISA_SSE41:
    return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
  case SWL_ISA_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  case SWL_ISA_AVXVNNI:
    return machine_has(SWL_ISA_AVX2) && __builtin_cpu_supports("avxvnni");
  case SWL_ISA_AVX512VNNI:
    return machine_has(SWL_ISA_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vnni");
#elif defined(__aarch64__)
  case SWL_ISA_NEON:
    return true;
#if defined(__linux__)
  case SWL_ISA_DOTPROD:
    return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
  case SWL_ISA_I8MM:
    return machine_has(SWL_ISA_DOTPROD) && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0;
#endif
#elif defined(__ARM_NEON)
  case SWL_ISA_NEON:
    return true;
#endif
  default:
    return false;
  }
}

bool swl_isa_runnable(swl_isa isa) { return is_built(isa) && machine_has(isa); }

swl_isa swl_isa_cap(swl_isa isa) {
  for (int candidate = (int)isa; candidate > (int)SWL_ISA_SCALAR; candidate--) {
    if (swl_isa_runnable((swl_isa)candidate))
      return (swl_isa)candidate;
  }
  return SWL_ISA_SCALAR;
}

swl_isa swl_isa_detect(void) { return swl_isa_cap((swl_isa)(SWL_ISA_COUNT - 1)); }

const char *swl_isa_name(swl_isa isa) {
  static const char *const names[SWL_ISA_COUNT] = {"scalar",     "sse41", "avx2",    "avxvnni",
                                                   "avx512vnni", "neon",  "dotprod", "i8mm"};
  return (unsigned)isa < SWL_ISA_COUNT ? names[isa] : "unknown";
}
