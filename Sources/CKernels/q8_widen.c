// Weights of 4 and 2 bits as int8 or int16.
#include "isa_variants.h"
#include "q8_kernels.h"

#define ISA_BODY "q8_widen_variant.inc"
#include "isa_variants.inc"

void swl_q8_widen(swl_isa isa, const uint8_t *small, size_t count, size_t bits, bool wide, void *out) {
  typedef void (*widen)(const uint8_t *, size_t, int32_t, int32_t, void *);
  static const widen to_bytes[VARIANT_COUNT] = ISA_VARIANTS(to_bytes), to_words[VARIANT_COUNT] = ISA_VARIANTS(to_words);
  const widen function = (wide ? to_words : to_bytes)[isa_variant_for(isa)];
  const size_t part = count * bits / 8;
  for (size_t i = 0; i < 8 / bits; i++)
    function(small, part, (int32_t)(8 - bits - i * bits), (int32_t)(8 - bits),
             (uint8_t *)out + i * part * (wide ? 2 : 1));
}
