// What each family of kernels has for which instruction set, asked of the families' own dispatch.
#ifndef SWL_FAMILY_H
#define SWL_FAMILY_H

#include "swl_isa.h"

typedef enum swl_family {
  SWL_FAMILY_Q8_CONV,      // 8-bit convolutions and fully connected layers
  SWL_FAMILY_Q8_DEPTHWISE, // 8-bit depthwise convolutions
  SWL_FAMILY_F32_CONV,     // float32 convolutions, depthwise and fully connected layers
  SWL_FAMILY_HYBRID_CONV,  // float32 activations with int8 weights
  SWL_FAMILY_ELEMENTWISE,  // functions of one or two elements, and conversions
  SWL_FAMILY_VECTORIZED,   // plain C that is compiled once more for AVX2
  SWL_FAMILY_SCALAR,       // plain C, the same for every instruction set
} swl_family;

/// Whether `isa`, of this architecture, chooses another variant than the next slower one. "scalar" always does.
bool swl_family_has_variant(swl_family family, swl_isa isa);

#endif
