// As isa_variants.h, for the bodies that AVX512 is worth a third variant to.
#ifndef ELEMENTWISE_ISA_H
#define ELEMENTWISE_ISA_H

#include "isa_selection.h"

#if defined(__x86_64__)
#define HAS_ELEMENTWISE_AVX2 (SWL_HAS_AVX2 || SWL_HAS_AVXVNNI)
#define HAS_ELEMENTWISE_AVX512 SWL_HAS_AVX512VNNI

#if HAS_ELEMENTWISE_AVX2
#define ELEMENTWISE_AVX2(name) name##__avx2
#else
#define ELEMENTWISE_AVX2(name) name##__base
#endif
#if HAS_ELEMENTWISE_AVX512
#define ELEMENTWISE_AVX512(name) name##__avx512
#else
#define ELEMENTWISE_AVX512(name) name##__base
#endif

/// The objects called `name` of every variant, for a table that `elementwise_variant` indexes.
#define ELEMENTWISE_VARIANTS(name)                                                                                     \
  { name##__base, ELEMENTWISE_AVX2(name), ELEMENTWISE_AVX512(name) }

static inline int elementwise_variant(swl_isa isa) {
  return swl_isa_is_avx512(isa) ? 2 : isa == SWL_ISA_AVX2 || isa == SWL_ISA_AVXVNNI ? 1 : 0;
}
#else
#define HAS_ELEMENTWISE_AVX2 0
#define HAS_ELEMENTWISE_AVX512 0

#define ELEMENTWISE_VARIANTS(name)                                                                                     \
  { name##__base }

static inline int elementwise_variant(swl_isa isa) {
  (void)isa;
  return 0;
}
#endif

#endif
