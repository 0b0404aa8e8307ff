// There is no heap in an image whose model is prepared: running takes no memory and gives none back.
#include <errno.h>
#include <stddef.h>

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  (void)memory, (void)alignment, (void)bytes;
  return ENOMEM;
}

void *malloc(size_t bytes) {
  (void)bytes;
  return NULL;
}

void free(void *memory) { (void)memory; }
