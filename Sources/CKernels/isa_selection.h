// Which instruction sets this build has kernels for: all of the architecture, unless SWL_ONLY_ISA, a value of swl_isa,
// names the one that is kept beside the portable kernels.
#ifndef ISA_SELECTION_H
#define ISA_SELECTION_H

#include "swl_isa.h"

/// Whether the CPU and the operating system support AVX512-VBMI beside all that SWL_ISA_AVX512VNNI asks for.
bool swl_machine_has_avx512vbmi(void);

/// Whether the CPU multiplies tiles of bfloat16 and converts to it, beside all that SWL_ISA_AMX asks for.
bool swl_machine_has_bf16_tiles(void);

/// Whether vectors of 512 bits are at hand.
static inline bool swl_isa_is_avx512(swl_isa isa) { return isa == SWL_ISA_AVX512VNNI || isa == SWL_ISA_AMX; }

#ifdef SWL_ONLY_ISA
#define SWL_BUILT(number) (SWL_ONLY_ISA == (number))
#else
#define SWL_BUILT(number) 1
#endif

#if defined(__x86_64__)
#define SWL_HAS_SSE41 SWL_BUILT(1)
#define SWL_HAS_AVX2 SWL_BUILT(2)
#define SWL_HAS_AVXVNNI SWL_BUILT(3)
#define SWL_HAS_AVX512VNNI (SWL_BUILT(4) || SWL_BUILT(5))
#define SWL_HAS_AMX SWL_BUILT(5)
#else
#define SWL_HAS_SSE41 0
#define SWL_HAS_AVX2 0
#define SWL_HAS_AVXVNNI 0
#define SWL_HAS_AVX512VNNI 0
#define SWL_HAS_AMX 0
#endif

#if defined(__ARM_NEON)
#define SWL_HAS_NEON SWL_BUILT(6)
#else
#define SWL_HAS_NEON 0
#endif

#if defined(__aarch64__)
#define SWL_HAS_DOTPROD SWL_BUILT(7)
#define SWL_HAS_I8MM SWL_BUILT(8)
#else
#define SWL_HAS_DOTPROD 0
#define SWL_HAS_I8MM 0
#endif

#endif
