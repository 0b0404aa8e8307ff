// What the tests need from C: counting allocations, failing them on purpose, and running code that may make no system
// call.
#ifndef CTEST_SUPPORT_H
#define CTEST_SUPPORT_H

#include <stdint.h>

/// Calls of malloc, calloc, realloc, aligned_alloc and posix_memalign by this thread since it started.
uint64_t swt_allocation_count(void);

/// Makes call number `count` of aligned_alloc by this thread from now on fail, 1 being the next; 0 lets all succeed.
/// The runtime asks for memory of its own in no other way.
void swt_fail_aligned_allocation(uint64_t count);

/// Calls of aligned_alloc by this thread since `swt_fail_aligned_allocation`.
uint64_t swt_aligned_allocation_count(void);

/// Runs `body` in a child process that may make no system call but read, write and exit. 0 when it returned, the number
/// of the signal that killed it, or -1 when no child could be made.
int swt_run_without_system_calls(void (*body)(void *), void *context);

#endif
