#define _GNU_SOURCE
#include "CPlatform.h"

#if defined(__linux__) || defined(__APPLE__)
#include <sched.h>
#include <stdlib.h>
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

uint64_t swl_peak_resident_bytes(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0)
    return 0;
#if defined(__APPLE__)
  return (uint64_t)usage.ru_maxrss;
#else
  return (uint64_t)usage.ru_maxrss * 1024u;
#endif
}

#else

uint64_t swl_nanoseconds(void) { return 0; }
void swl_yield(void) {}
const char *swl_environment(const char *name) {
  (void)name;
  return NULL;
}
uint64_t swl_peak_resident_bytes(void) { return 0; }

#endif
