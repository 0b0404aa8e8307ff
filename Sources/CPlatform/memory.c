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

enum { HEADER_BYTES = 64, MAPPED_BYTES = 64 * 1024, POPULATED_BYTES = 256 * 1024, HUGE_PAGE = 2 * 1024 * 1024 };

/// Pages from the system, or NULL. What fills whole huge pages may consist of them.
static void *map_pages(size_t count) {
  void *pages = mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    return NULL;
#ifdef MADV_HUGEPAGE
  if (count >= HUGE_PAGE)
    madvise(pages, count & ~(size_t)(HUGE_PAGE - 1), MADV_HUGEPAGE);
#endif
  return pages;
}

void swl_populate(void *block, size_t count, void *part, size_t part_count) {
#if defined(MADV_POPULATE_WRITE) && defined(MADV_HUGEPAGE)
  if (part_count < POPULATED_BYTES)
    return;
  // Whole pages only. What the system cannot do is no error: every page faults then when it is written.
  const uintptr_t page = 4096, huge = HUGE_PAGE;
  const uintptr_t start = (uintptr_t)block, first_huge = (start + huge - 1) & ~(huge - 1),
                  last_huge = (start + count) & ~(huge - 1);
  if (first_huge < last_huge)
    madvise((void *)first_huge, last_huge - first_huge, MADV_HUGEPAGE);
  const uintptr_t first = ((uintptr_t)part + page - 1) & ~(page - 1),
                  last = ((uintptr_t)part + part_count) & ~(page - 1);
  madvise((void *)first, last - first, MADV_POPULATE_WRITE);
#else
  (void)block;
  (void)count;
  (void)part;
  (void)part_count;
#endif
}

// Large blocks are mapped: the system's pages are zero without being touched. A header before the block says how many
// bytes to unmap, 0 for what malloc gave.
void *swl_allocate_zeroed(size_t count) {
  if (count > SIZE_MAX / 2)
    return NULL;
  const size_t bytes = count + HEADER_BYTES;
  const bool is_mapped = count >= MAPPED_BYTES;
  char *base;
  if (is_mapped) {
    base = map_pages(bytes);
    if (base == NULL)
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

void swl_populate(void *block, size_t count, void *part, size_t part_count) {
  (void)block;
  (void)count;
  (void)part;
  (void)part_count;
}

#endif

void swl_deallocate(void *memory) { free(memory); }
