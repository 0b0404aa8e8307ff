// Which of the compiled variants of a body serves an instruction set.
//
// A body in plain C is compiled several times with other target attributes; the compiler's vectoriser does the rest.
// On x86-64 the base variant has SSE2 and AVX2 serves everything above it; on ARM the base variant already has NEON.
#ifndef ISA_VARIANTS_H
#define ISA_VARIANTS_H

#include "isa_selection.h"

#define HAS_VARIANT_AVX2 (SWL_HAS_AVX2 || SWL_HAS_AVXVNNI || SWL_HAS_AVX512VNNI)

typedef enum isa_variant { VARIANT_BASE, VARIANT_AVX2, VARIANT_COUNT } isa_variant;

static inline isa_variant isa_variant_for(swl_isa isa) {
  switch (isa) {
#if HAS_VARIANT_AVX2
  case SWL_ISA_AVX2:
  case SWL_ISA_AVXVNNI:
  case SWL_ISA_AVX512VNNI:
  case SWL_ISA_AMX:
    return VARIANT_AVX2;
#endif
  default:
    return VARIANT_BASE;
  }
}

/// The functions called `name` of every variant, for a table that `isa_variant_for` indexes.
#if HAS_VARIANT_AVX2
#define ISA_VARIANTS(name)                                                                                             \
  { name##__base, name##__avx2 }
#else
#define ISA_VARIANTS(name)                                                                                             \
  { name##__base, name##__base }
#endif

#endif
