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

/// Says that all of a part of a block from `swl_allocate` is about to be written: its pages come at once rather than
/// one fault after another. All of the block will be written some time.
void swl_populate(void *block, size_t count, void *part, size_t part_count);

/// Reads a whole file. On success `*bytes` and `*count` describe a private read-only mapping, or memory where the
/// platform has no mappings; 0 is returned. Otherwise errno's value is returned and nothing is held. `*is_backed` says
/// that the pages are those of a file, which `swl_forget_pages` may drop.
int swl_map_file(const char *path, const void **bytes, size_t *count, bool *is_backed);
/// Takes the pages of a mapped file out of the resident memory; whoever reads them next gets them from the system's
/// cache.
void swl_forget_pages(const void *bytes, size_t count);
void swl_unmap_file(const void *bytes, size_t count);

/// A hash of `count` bytes that depends on `seed`: for finding accidental changes, not attacks.
uint64_t swl_hash(uint64_t seed, const void *data, size_t count);

/// Nanoseconds of a clock that never goes back. 0 where there is no clock.
uint64_t swl_nanoseconds(void);

/// Lets another thread run.
void swl_yield(void);

/// The value of an environment variable, or NULL.
const char *swl_environment(const char *name);

/// Cores this process may use, after its affinity and the quota of its control group; 1 where unknown.
int swl_processor_count(void);

/// Blocks of 64 KiB and more go back to the system as soon as they are freed, in this process from now on: for programs
/// whose large blocks come and go, of which the C library would otherwise keep ever larger ones.
void swl_return_large_blocks(void);

/// Pages on which nothing is left of what was freed go back to the system, wherever they lie.
void swl_return_free_pages(void);

/// Peak resident memory of this process in bytes; 0 where unknown.
uint64_t swl_peak_resident_bytes(void);

/// Work for `swl_pool_run`: called once for each tile in 0..<tiles, on any thread of the pool; `thread` is that
/// thread's number, 0 for the caller of `swl_pool_run`, and has one call at a time.
typedef void (*swl_task)(void *context, int32_t tile, int32_t thread);

/// A pool of `threads - 1` workers, fewer where the system grants fewer; the caller of `swl_pool_run` is the last
/// thread. NULL when out of memory or where the platform has no threads. One caller at a time. After fork the child's
/// pool has no workers: the caller does all the work.
typedef struct swl_pool swl_pool;
swl_pool *swl_pool_create(int32_t threads);
/// Ends the workers. Nothing may be running.
void swl_pool_destroy(swl_pool *pool);
int32_t swl_pool_threads(const swl_pool *pool);

/// The ends of an invocation. Between the two, workers expect jobs that follow each other closely and watch for them
/// instead of sleeping; `begin` wakes those that sleep if the last invocation had enough work for them.
void swl_pool_begin(swl_pool *pool);
void swl_pool_end(swl_pool *pool);

/// Calls `task` for each tile in 0..<tiles and returns when all calls have ended. Each thread begins with the same
/// share of the tiles every time and then takes what others have left; workers that do not come in time are not waited
/// for. `work` is roughly how many nanoseconds all tiles take together. False, and nothing is called, when the caller
/// had better work alone: the cores are busy, or there are more than 32767 tiles. Neither allocates nor locks.
bool swl_pool_run(swl_pool *pool, swl_task task, void *context, int32_t tiles, uint64_t work);

#endif
