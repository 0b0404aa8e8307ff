// The seed of Swift's hash tables, from a function that C libraries have had for longer than arc4random_buf.
#ifdef __linux__
#define _DEFAULT_SOURCE
#include <stddef.h>
#include <unistd.h>

void swl_arc4random_buf(void *bytes, size_t count) {
  enum { MOST = 256 }; // what one call of getentropy may ask for
  unsigned char *next = bytes;
  while (count > 0) {
    const size_t part = count < MOST ? count : MOST;
    if (getentropy(next, part) != 0)
      return; // a table with a known seed is slower at worst
    next += part;
    count -= part;
  }
}
#endif
