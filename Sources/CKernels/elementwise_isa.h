// Which of the compiled variants of an elementwise body serves an instruction set.
//
// A body in plain C is compiled with the attributes of each variant and the compiler's vectoriser does the rest; wider
// multiplications make AVX512 worth its own variant here. On ARM the base variant already has NEON.
#ifndef ELEMENTWISE_ISA_H
#define ELEMENTWISE_ISA_H

#include "swl_isa.h"

#if defined(__x86_64__)
/// The objects called `name` of every variant, for a table that `elementwise_variant` indexes.
#define ELEMENTWISE_VARIANTS(name)                                                                                     \
  { name##__base, name##__avx2, name##__avx512 }

static inline int elementwise_variant(swl_isa isa) {
  return isa == SWL_ISA_AVX512VNNI ? 2 : isa == SWL_ISA_AVX2 || isa == SWL_ISA_AVXVNNI ? 1 : 0;
}
#else
#define ELEMENTWISE_VARIANTS(name)                                                                                     \
  { name##__base }

static inline int elementwise_variant(swl_isa isa) {
  (void)isa;
  return 0;
}
#endif

#endif
