// The console by semihosting: calls that a debugger or an emulator answers.
#include "console.h"

#include <stddef.h>
#include <string.h>

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_EXIT_EXTENDED = 0x20, APPLICATION_EXIT = 0x20026 };

static uint32_t call(uint32_t operation, const uint32_t *arguments) {
  register uint32_t r0 __asm("r0") = operation;
  register const uint32_t *r1 __asm("r1") = arguments;
  __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static void put(int stream, const char *text, size_t count) {
  static const char name[] = ":tt";
  static uint32_t handles[2];
  uint32_t *handle = &handles[stream == CONSOLE_ERRORS];
  if (*handle == 0)
    *handle = call(SYS_OPEN, (uint32_t[]){(uint32_t)(uintptr_t)name, (uint32_t)stream, sizeof name - 1});
  call(SYS_WRITE, (uint32_t[]){*handle, (uint32_t)(uintptr_t)text, count});
}

void console_text(int stream, const char *text) { put(stream, text, strlen(text)); }

void console_number(int stream, uint32_t number, uint32_t base, int digits) {
  char text[32];
  size_t first = sizeof text;
  for (; number > 0 || digits > 0; number /= base, digits--)
    text[--first] = "0123456789abcdef"[number % base];
  put(stream, text + first, sizeof text - first);
}

_Noreturn void console_exit(int status) {
  for (;;)
    call(SYS_EXIT_EXTENDED, (uint32_t[]){APPLICATION_EXIT, (uint32_t)status});
}
