// What the runtime asks of the machine: memory, files, time, threads. The only place that talks to an operating system;
// on bare metal every function has an answer that needs none.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// `count` bytes aligned to 64, or NULL. The contents are undefined.
void *swl_allocate(size_t count);
void swl_deallocate(void *memory);

/// `count` bytes aligned to 64 and zero, or NULL; to be freed with `swl_deallocate_zeroed`.
void *swl_allocate_zeroed(size_t count);
void swl_deallocate_zeroed(void *memory);

/// Reads a whole file. On success `*bytes` and `*count` describe a private read-only mapping, or memory where the
/// platform has no mappings; 0 is returned. Otherwise errno's value is returned and nothing is held.
int swl_map_file(const char *path, const void **bytes, size_t *count);
void swl_unmap_file(const void *bytes, size_t count);

/// Nanoseconds of a clock that never goes back. 0 where there is no clock.
uint64_t swl_nanoseconds(void);

/// Lets another thread run.
void swl_yield(void);

/// The value of an environment variable, or NULL.
const char *swl_environment(const char *name);

/// Cores this process may use; 1 where unknown.
int swl_processor_count(void);

/// Peak resident memory of this process in bytes; 0 where unknown.
uint64_t swl_peak_resident_bytes(void);

/// Work for `swl_pool_run`: called once for each index in 0..<count, on any thread.
typedef void (*swl_task)(void *context, int32_t index);

/// A pool of `threads - 1` workers; the caller of `swl_pool_run` is the last thread. NULL when out of memory or where
/// the platform has no threads. Workers spin for a bounded time after work, then park.
typedef struct swl_pool swl_pool;
swl_pool *swl_pool_create(int32_t threads);
void swl_pool_destroy(swl_pool *pool);
int32_t swl_pool_threads(const swl_pool *pool);
/// Calls `task` for each index in 0..<count and returns when all calls have ended. One caller at a time.
void swl_pool_run(swl_pool *pool, swl_task task, void *context, int32_t count);

#endif
