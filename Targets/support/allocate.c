// Swift asks for every object with posix_memalign, which costs more than malloc; what malloc aligns anyway it may give.
#include <stddef.h>
#include <stdlib.h>

int swl_posix_memalign(void **memory, size_t alignment, size_t count) {
  if (alignment > _Alignof(max_align_t))
    *memory = aligned_alloc(alignment, (count + alignment - 1) & ~(alignment - 1));
  else
    *memory = malloc(count);
  return *memory == NULL;
}
