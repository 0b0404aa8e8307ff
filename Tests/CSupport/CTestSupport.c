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

static _Thread_local uint64_t count, failing;
static _Thread_local int fails_onward;

static int fails(void) {
  count++;
  if (failing == 0)
    return 0;
  if (failing > 1) {
    failing--;
    return 0;
  }
  if (!fails_onward)
    failing = 0;
  return 1;
}

uint64_t swt_allocation_count(void) { return count; }

void swt_fail_allocation(uint64_t number, int onward) {
  failing = number;
  fails_onward = onward;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t items, size_t size) { return fails() ? NULL : __libc_calloc(items, size); }
void *realloc(void *memory, size_t size) { return fails() ? NULL : __libc_realloc(memory, size); }

static _Thread_local uint64_t aligned_count, failing_aligned;

void swt_fail_aligned_allocation(uint64_t number) {
  aligned_count = 0;
  failing_aligned = number;
}

uint64_t swt_aligned_allocation_count(void) { return aligned_count; }

void *aligned_alloc(size_t alignment, size_t size) {
  if (++aligned_count == failing_aligned || fails())
    return NULL;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  void *found = fails() ? NULL : __libc_memalign(alignment, size);
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
