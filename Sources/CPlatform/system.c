#define _GNU_SOURCE
#include "CPlatform.h"

#if defined(__linux__) || defined(__APPLE__)
#include <fcntl.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

uint64_t swl_nanoseconds(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
    return 0;
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void swl_yield(void) { sched_yield(); }

const char *swl_environment(const char *name) { return getenv(name); }

void swl_return_large_blocks(void) {
#if defined(__GLIBC__)
  const int bytes = 1 << 16;
  mallopt(M_MMAP_THRESHOLD, bytes);
  mallopt(M_TRIM_THRESHOLD, bytes);
#endif
}

void swl_return_free_pages(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

#if defined(__linux__)
/// The line "VmHWM: N kB" of what the system tells about a process. The system's ru_maxrss would not do: it begins with
/// what the parent process had when it started this one.
uint64_t swl_peak_resident_bytes(void) {
  char text[4096];
  const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return 0;
  const ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  text[length > 0 ? length : 0] = 0;
  const char *line = strstr(text, "VmHWM:");
  return line != NULL ? strtoull(line + strlen("VmHWM:"), NULL, 10) * 1024u : 0;
}
#else
uint64_t swl_peak_resident_bytes(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss : 0;
}
#endif

#else

uint64_t swl_nanoseconds(void) { return 0; }
void swl_yield(void) {}
const char *swl_environment(const char *name) {
  (void)name;
  return NULL;
}
void swl_return_large_blocks(void) {}
void swl_return_free_pages(void) {}

uint64_t swl_peak_resident_bytes(void) { return 0; }

#endif
