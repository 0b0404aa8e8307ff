#define _GNU_SOURCE
#include "CPlatform.h"

#include <stdlib.h>
#include <string.h>

#if defined(__linux__) || defined(__APPLE__)
#include <sys/mman.h>
#endif

void *swl_allocate(size_t count) {
  if (count > SIZE_MAX - 63)
    return NULL;
  return aligned_alloc(64, (count + 63) & ~(size_t)63);
}

#if defined(__linux__) || defined(__APPLE__)

enum { HEADER_BYTES = 64, MAPPED_BYTES = 64 * 1024 };

// Large blocks are mapped: the system's pages are zero without being touched. A header before the block says how many
// bytes to unmap, 0 for what malloc gave.
void *swl_allocate_zeroed(size_t count) {
  if (count > SIZE_MAX / 2)
    return NULL;
  const size_t bytes = count + HEADER_BYTES;
  const bool is_mapped = count >= MAPPED_BYTES;
  char *base;
  if (is_mapped) {
    base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
      return NULL;
    memcpy(base, &bytes, sizeof bytes);
    return base + HEADER_BYTES;
  }
  base = swl_allocate(bytes);
  return base == NULL ? NULL : (char *)memset(base, 0, bytes) + HEADER_BYTES;
}

void swl_deallocate_zeroed(void *memory) {
  if (memory == NULL)
    return;
  char *base = (char *)memory - HEADER_BYTES;
  size_t bytes;
  memcpy(&bytes, base, sizeof bytes);
  if (bytes == 0)
    free(base);
  else
    munmap(base, bytes);
}

#else

void *swl_allocate_zeroed(size_t count) {
  void *memory = swl_allocate(count);
  return memory == NULL ? NULL : memset(memory, 0, count);
}

void swl_deallocate_zeroed(void *memory) { free(memory); }

#endif

void swl_deallocate(void *memory) { free(memory); }
