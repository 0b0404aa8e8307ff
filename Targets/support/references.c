// Swift's counting of references, which takes a third of the time in which a model is prepared: here without a locked
// instruction as long as the process has never had a second thread. The C library knows, and says so before the first
// one starts. Objects are laid out as in the runtime of Embedded Swift, whose functions these replace where the layout
// has been looked at.
#if defined(__x86_64__) && __has_include(<sys/single_threaded.h>)

#include <stdbool.h>
#include <stdint.h>
#include <sys/single_threaded.h>

typedef struct object object;

typedef struct type {
  const void *superclass;
  __attribute__((swiftcall)) void (*destroy)(__attribute__((swift_context)) object *);
} type;

struct object {
  const type *type;
  /// The sign says that the memory is not the heap's.
  intptr_t count;
};

/// The count of objects that are never freed, and of those that are being destroyed.
static const intptr_t IMMORTAL = INTPTR_MAX;

/// NULL and immediate values in place of objects are not counted.
static inline bool is_counted(object *any, intptr_t *count) {
  if ((intptr_t)any <= 0)
    return false;
  *count = __atomic_load_n(&any->count, __ATOMIC_RELAXED);
  return (*count & IMMORTAL) != IMMORTAL;
}

static inline object *retain(object *any, intptr_t more) {
  intptr_t count;
  if (is_counted(any, &count)) {
    if (__libc_single_threaded)
      any->count = count + more;
    else
      __atomic_fetch_add(&any->count, more, __ATOMIC_RELAXED);
  }
  return any;
}

static inline void release(object *any, intptr_t fewer) {
  intptr_t count, left;
  if (!is_counted(any, &count))
    return;
  if (__libc_single_threaded)
    any->count = left = count - fewer;
  else
    left = __atomic_sub_fetch(&any->count, fewer, __ATOMIC_ACQ_REL);
  if ((left & IMMORTAL) == 0) {
    any->count = count | IMMORTAL;
    any->type->destroy(any);
  }
}

object *swift_retain(object *any) { return retain(any, 1); }
object *swift_retain_n(object *any, uint32_t more) { return retain(any, more); }
void swift_release(object *any) { release(any, 1); }
void swift_release_n(object *any, uint32_t fewer) { release(any, fewer); }

#endif
