// Texts and numbers for whoever watches the device, without the C library's streams.
#ifndef SWIFTLET_CONSOLE_H
#define SWIFTLET_CONSOLE_H

#include <stdint.h>

enum { CONSOLE_OUTPUT = 4, CONSOLE_ERRORS = 8 };

void console_text(int stream, const char *text);
/// In `base`, with at least `digits`.
void console_number(int stream, uint32_t number, uint32_t base, int digits);
_Noreturn void console_exit(int status);

#endif
