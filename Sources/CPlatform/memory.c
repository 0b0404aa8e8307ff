#include "CPlatform.h"

#include <stdlib.h>

void *swl_allocate(size_t count) {
  if (count > SIZE_MAX - 63)
    return NULL;
  return aligned_alloc(64, (count + 63) & ~(size_t)63);
}

void swl_deallocate(void *memory) { free(memory); }
