// Linux maps at a fault all that its cache holds together of the file, up to megabytes, but no more than lies in one
// area of memory: nearly all of the library would become resident with its first function. Neighbours whose settings
// differ stay areas of their own. Code is in no core dump anyway, so that this setting means nothing else.
//
// Runs before anything else of the library does, from pages of its own, and calls madvise past the table of calls
// (-fno-plt): nothing of the code has been touched by then.
#define _GNU_SOURCE
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>

enum {
  ALWAYS_BYTES = 192 * 1024,  // what every model runs
  ORDERED_BYTES = 704 * 1024, // what is in functions.order
  FINE_BYTES = 32 * 1024,
  COARSE_BYTES = 128 * 1024,
  PAGE_BYTES = 4096
};

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

static inline __attribute__((always_inline)) uintptr_t round_up(uintptr_t address, uintptr_t unit) {
  return (address + unit - 1) & ~(unit - 1);
}

/// The relocations have been done and are not read again.
static inline __attribute__((always_inline)) void forget_relocations(uintptr_t base) {
  uintptr_t start = 0, count = 0;
  for (const ElfW(Dyn) *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_RELA)
      start = entry->d_un.d_ptr;
    if (entry->d_tag == DT_RELASZ)
      count = entry->d_un.d_val;
  }
  // Some systems have added the base already.
  start += start < base ? base : 0;
  const uintptr_t first = round_up(start, PAGE_BYTES), end = (start + count) & ~(uintptr_t)(PAGE_BYTES - 1);
  if (first < end)
    madvise((void *)first, end - first, MADV_DONTNEED);
}

__attribute__((constructor(101), section(".text.swl_first"))) static void divide_code(void) {
  const uintptr_t base = (uintptr_t)&__ehdr_start;
  forget_relocations(base);
  const ElfW(Phdr) *segments = (const void *)(base + __ehdr_start.e_phoff);
  for (int i = 0; i < __ehdr_start.e_phnum; i++) {
    if (segments[i].p_type != PT_LOAD || (segments[i].p_flags & PF_X) == 0 || segments[i].p_memsz < ALWAYS_BYTES)
      continue;
    const uintptr_t start = base + segments[i].p_vaddr, end = start + segments[i].p_memsz;
    uintptr_t area = round_up(start + ALWAYS_BYTES, FINE_BYTES), size = FINE_BYTES;
    for (; area + size < end; area += 2 * size) {
      madvise((void *)area, size, MADV_DONTDUMP);
      if (area > start + ORDERED_BYTES)
        size = COARSE_BYTES;
    }
  }
}
