// What a bare Cortex-M7 needs before main, and what the C library lacks there.
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern char data_begin[], data_end[], data_load[], bss_begin[], bss_end[], stack_top[];
int main(void);
void initialise_monitor_handles(void);

_Noreturn void reset_handler(void) {
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; // the coprocessor access register: the floating-point unit is on
  __asm volatile("dsb\n isb");
  memcpy(data_begin, data_load, (size_t)(data_end - data_begin));
  memset(bss_begin, 0, (size_t)(bss_end - bss_begin));
  initialise_monitor_handles();
  exit(main());
}

static void fault_handler(void) { _Exit(70); }

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    stack_top,
    (const void *)reset_handler,
    (const void *)fault_handler,
    (const void *)fault_handler,
    (const void *)fault_handler,
    (const void *)fault_handler,
    (const void *)fault_handler,
};

/// malloc has the memory that the program sets aside, and no more: what does not fit is an error of the library.
extern char program_memory[];
extern const size_t program_memory_bytes;

void *_sbrk(ptrdiff_t count) {
  static size_t used;
  if (count > (ptrdiff_t)(program_memory_bytes - used)) {
    errno = ENOMEM;
    return (void *)-1;
  }
  void *begin = program_memory + used;
  used += (size_t)count;
  return begin;
}

int posix_memalign(void **memory, size_t alignment, size_t count) {
  *memory = memalign(alignment, count);
  return *memory == NULL;
}

/// The seed of hash tables; nothing here depends on its being secret.
void arc4random_buf(void *bytes, size_t count) { memset(bytes, 0x5A, count); }

uintptr_t __stack_chk_guard = 0x5A17;
_Noreturn void __stack_chk_fail(void) { _Exit(71); }
