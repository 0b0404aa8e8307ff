#define _GNU_SOURCE
#include "CTestSupport.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The functions of the C library under their internal names: the ones below take the public names, for this program and
// for every library that it loads.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Thread_local uint64_t count;

uint64_t swt_allocation_count(void) { return count; }

void *malloc(size_t size) {
  count++;
  return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
  count++;
  return __libc_calloc(items, size);
}

void *realloc(void *memory, size_t size) {
  count++;
  return __libc_realloc(memory, size);
}

static _Thread_local uint64_t aligned_count, failing_aligned;

void swt_fail_aligned_allocation(uint64_t number) {
  aligned_count = 0;
  failing_aligned = number;
}

uint64_t swt_aligned_allocation_count(void) { return aligned_count; }

void *aligned_alloc(size_t alignment, size_t size) {
  count++;
  return ++aligned_count == failing_aligned ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  count++;
  void *found = __libc_memalign(alignment, size);
  if (found == NULL)
    return ENOMEM;
  *memory = found;
  return 0;
}

int swt_run_without_system_calls(void (*body)(void *), void *context) {
  pid_t child = fork();
  if (child < 0)
    return -1;
  if (child == 0) {
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    body(context);
    syscall(SYS_exit, 0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child)
    return -1;
  return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}
