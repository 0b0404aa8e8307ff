#include "f32_kernels.h"
#include "hybrid_kernels.h"
#include "isa_variants.h"
#include "q8_kernels.h"
#include "swl_family.h"

/// Something that tells the variant of one instruction set from that of another.
static const void *chosen(swl_family family, swl_isa isa) {
  static const char numbered[8];
  static const swl_q8_layer layer = {
      .batch = 1, .out_h = 64, .out_w = 64, .in_c = 64, .out_c = 64, .kernel_h = 1, .kernel_w = 1, .groups = 1};
  switch (family) {
  case SWL_FAMILY_Q8_CONV:
    return swl_q8_gemm_for(isa, &layer);
  case SWL_FAMILY_Q8_DEPTHWISE:
    return swl_q8_depthwise_for(isa, &layer);
  case SWL_FAMILY_F32_CONV:
    return swl_f32_kernels_for(isa);
  case SWL_FAMILY_HYBRID_CONV:
    return swl_hybrid_kernels_for(isa);
  case SWL_FAMILY_ELEMENTWISE:
  case SWL_FAMILY_VECTORIZED:
    return numbered + isa_variant_for(isa);
  default:
    return numbered;
  }
}

bool swl_family_has_variant(swl_family family, swl_isa isa) {
#if defined(__x86_64__)
  const bool is_local = isa < SWL_ISA_NEON;
#else
  const bool is_local = isa >= SWL_ISA_NEON;
#endif
  if (isa == SWL_ISA_SCALAR)
    return true;
  const swl_isa slower = isa == SWL_ISA_NEON ? SWL_ISA_SCALAR : (swl_isa)(isa - 1);
  return is_local && chosen(family, isa) != chosen(family, slower);
}
