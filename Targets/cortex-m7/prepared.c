// Starts an image that was prepared when it was built: memory is set to what it was then, and main runs.
#include "console.h"

#include <stddef.h>
#include <string.h>

extern char memory_begin[], statics_end[], statics_load[], memory_end[], stack_top[];
int main(void);

/// What memory holds beside statics and zeros: an address, how many words, the words; and so on to an address of 0.
extern const uint32_t memory_contents[];

_Noreturn void reset_handler(void) {
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; // the coprocessor access register: the floating-point unit is on
  __asm volatile("dsb\n isb");
  memcpy(memory_begin, statics_load, (size_t)(statics_end - memory_begin));
  memset(statics_end, 0, (size_t)(memory_end - statics_end));
  for (const uint32_t *next = memory_contents; next[0] != 0; next += 2 + next[1])
    memcpy((void *)(uintptr_t)next[0], next + 2, next[1] * sizeof *next);
  console_exit(main());
}

static void fault_handler(void) { console_exit(70); }

__attribute__((section(".vectors.prepared"), used)) static const void *const vectors[16] = {
    stack_top,
    (const void *)reset_handler,
    (const void *)fault_handler,
    (const void *)fault_handler,
    (const void *)fault_handler,
    (const void *)fault_handler,
    (const void *)fault_handler,
};

_Noreturn void __stack_chk_fail(void) { console_exit(71); }
