#define _GNU_SOURCE
#include "CPlatform.h"

#if defined(__linux__)
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// Workers wait for `generation` to change. A worker first spins for a bounded number of pauses, then parks on a futex;
// the bound halves each time a spin was in vain and doubles when work came while spinning, so that a pool on busy or
// idle cores burns little.
enum { SPIN_MAX = 20000, SPIN_MIN = 200, THREADS_MAX = 64 };

struct swl_pool {
  _Alignas(64) _Atomic uint32_t generation;
  _Atomic int32_t parked;
  _Alignas(64) _Atomic int32_t next;
  _Alignas(64) _Atomic int32_t busy;
  swl_task task;
  void *context;
  int32_t count;
  int32_t threads;
  bool stops;
  pthread_t workers[THREADS_MAX];
};

static void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#endif
}

static void park(_Atomic uint32_t *word, uint32_t seen) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void wake_all(_Atomic uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0); }

static void work(swl_pool *pool) {
  for (;;) {
    int32_t index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
    if (index >= pool->count)
      return;
    pool->task(pool->context, index);
  }
}

static uint32_t wait_for_work(swl_pool *pool, uint32_t seen, int32_t *spins) {
  for (int32_t i = 0; i < *spins; i++) {
    uint32_t now = atomic_load_explicit(&pool->generation, memory_order_acquire);
    if (now != seen) {
      *spins = *spins * 2 > SPIN_MAX ? SPIN_MAX : *spins * 2;
      return now;
    }
    pause_briefly();
  }
  *spins = *spins / 2 < SPIN_MIN ? SPIN_MIN : *spins / 2;
  atomic_fetch_add(&pool->parked, 1);
  uint32_t now;
  while ((now = atomic_load(&pool->generation)) == seen)
    park(&pool->generation, seen);
  atomic_fetch_sub(&pool->parked, 1);
  return now;
}

static void *worker(void *argument) {
  swl_pool *pool = argument;
  uint32_t seen = 0;
  int32_t spins = SPIN_MAX;
  for (;;) {
    seen = wait_for_work(pool, seen, &spins);
    if (pool->stops)
      return NULL;
    work(pool);
    atomic_fetch_sub_explicit(&pool->busy, 1, memory_order_release);
  }
}

swl_pool *swl_pool_create(int32_t threads) {
  if (threads < 2)
    return NULL;
  if (threads > THREADS_MAX)
    threads = THREADS_MAX;
  swl_pool *pool = swl_allocate(sizeof *pool);
  if (pool == NULL)
    return NULL;
  *pool = (swl_pool){.threads = 1};
  for (int32_t i = 0; i < threads - 1; i++) {
    if (pthread_create(&pool->workers[i], NULL, worker, pool) != 0)
      break;
    pool->threads++;
  }
  return pool;
}

static void start(swl_pool *pool) {
  atomic_fetch_add(&pool->generation, 1);
  if (atomic_load(&pool->parked) > 0)
    wake_all(&pool->generation);
}

void swl_pool_destroy(swl_pool *pool) {
  if (pool == NULL)
    return;
  pool->stops = true;
  start(pool);
  for (int32_t i = 0; i < pool->threads - 1; i++)
    pthread_join(pool->workers[i], NULL);
  swl_deallocate(pool);
}

int32_t swl_pool_threads(const swl_pool *pool) { return pool->threads; }

// Every worker takes part in every run, if only to find nothing left, so that none can still look at the fields of
// one run when the next is written.
void swl_pool_run(swl_pool *pool, swl_task task, void *context, int32_t count) {
  pool->task = task;
  pool->context = context;
  pool->count = count;
  atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
  atomic_store_explicit(&pool->busy, pool->threads - 1, memory_order_relaxed);
  start(pool);
  work(pool);
  for (int32_t spins = 0; atomic_load_explicit(&pool->busy, memory_order_acquire) > 0; spins++) {
    if (spins < SPIN_MAX)
      pause_briefly();
    else
      sched_yield();
  }
}

#else

swl_pool *swl_pool_create(int32_t threads) {
  (void)threads;
  return NULL;
}
void swl_pool_destroy(swl_pool *pool) { (void)pool; }
int32_t swl_pool_threads(const swl_pool *pool) {
  (void)pool;
  return 1;
}
void swl_pool_run(swl_pool *pool, swl_task task, void *context, int32_t count) {
  (void)pool;
  for (int32_t index = 0; index < count; index++)
    task(context, index);
}

#endif
