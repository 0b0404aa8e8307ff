#define _GNU_SOURCE
#include "CPlatform.h"

#if defined(__linux__)
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// A job is a number of tiles. Each member of the pool, the caller included, owns a run of consecutive ones, the same
// share in every job, so that what it wrote in one layer is what it reads in the next. A member takes its own tiles
// from the front and, when they are out, those of others from the back. Nobody waits for a member that has not begun:
// the caller does all that is left, and waits only for tiles that others have taken.
//
// Between jobs a worker watches its own tiles, for a bounded time, then sleeps. An invocation wakes it once, when there
// is enough to do. See `watch` for how long.
//
// On busy cores workers do harm: they lose their core with a tile in hand, or take that of the caller. The pool keeps
// account of the time that sharing has saved and lost of late. When it has lost more, or a worker took the caller's
// core, the pool rests: the caller works alone for a while. A core that is gone now and then, as a hypervisor takes it,
// is worth sharing with.
enum {
  THREADS_MAX = 64,
  PAUSES = 16,           // looks at the tiles between two looks at the clock
  BUSY_MOST = 200000,    // nanoseconds to watch within an invocation
  BUSY_LEAST = 5000,     //
  IDLE_MOST = 100000,    // and after one
  IDLE_LEAST = 2000,     // below it, none
  PREEMPTED = 50000,     // nanoseconds between two looks at the clock that say that somebody else had the core
  SAVED_MOST = 4000000,  // nanoseconds that are kept account of: what sharing may lose when cores become busy
  REST_LEAST = 1000000,  // nanoseconds that the caller works alone
  REST_MOST = 64000000,  //
  CALL_AGAIN = 1000000,  // nanoseconds after which a worker that has been called and has not come is called again
  CALL_FOR_ALL = 100000, // nanoseconds of shared work in an invocation that are worth waking workers
  CALL_FOR_ONE = 50000,  // and in one job
  REST_TIMES = 8,        // and how much longer than what sharing has lost,
  LOST_MOST = 125000000, // of which at most so many nanoseconds count: a stopped process waits for hours
  REST_FADES = 16,       // jobs that went well make the next rest shorter by a sixteenth each
};

/// Bounds of the tiles that are left, the first in the low half.
typedef uint32_t tile_range;
enum { END_SHIFT = 16, TILES_MAX = 0x7FFF };
static const tile_range END_ONE = (tile_range)1 << END_SHIFT;

typedef struct member {
  _Alignas(64) _Atomic tile_range tiles;
  // Written by the caller between jobs, read by who has taken a tile.
  swl_task task;
  void *context;
  // Of its own thread alone.
  _Alignas(64) swl_pool *pool;
  int32_t number;
  uint64_t busy_limit, idle_limit;
  pthread_t thread;
} member;

struct swl_pool {
  /// Tiles of the current job that workers have finished.
  _Alignas(64) _Atomic int32_t finished;
  /// What sleeping workers wait for: it changes when they shall look around.
  _Alignas(64) _Atomic uint32_t calls;
  _Atomic int32_t sleeping;
  _Atomic uint64_t called_at;
  _Atomic bool is_called;
  _Atomic bool is_busy;
  _Atomic bool stops;
  /// The processor of the caller when the invocation began.
  _Atomic int32_t processor;
  _Atomic uint64_t rest_until, rest_length;
  _Alignas(64) _Atomic int32_t threads;
  bool spins;
  pid_t process;
  // Of the caller: the work of this and the last invocation, and the nanoseconds that sharing has saved.
  uint64_t work, last_work;
  int64_t saved;
  member members[];
};

/// For some 300 cycles.
static void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
  // A hypervisor takes the core for milliseconds from who pauses again and again within 128 cycles (`ple_gap` of KVM),
  // as those do who wait for a lock.
  for (unsigned long i = 64, product = 3; i > 0; i--)
    __asm__ volatile("imul %0, %0" : "+r"(product));
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#endif
}

static bool has_tiles(tile_range tiles) { return (tiles & (END_ONE - 1)) < tiles >> END_SHIFT; }

/// The next tile from the front or, if `from_back`, from the back; -1 when none is left.
static int32_t take(member *m, bool from_back) {
  tile_range tiles = atomic_load_explicit(&m->tiles, memory_order_relaxed);
  while (has_tiles(tiles)) {
    const tile_range rest = from_back ? tiles - END_ONE : tiles + 1;
    if (atomic_compare_exchange_weak_explicit(&m->tiles, &tiles, rest, memory_order_acquire, memory_order_relaxed))
      return (int32_t)(from_back ? rest >> END_SHIFT : tiles & (END_ONE - 1));
  }
  return -1;
}

/// Does tiles until none is left; how many it were.
static int32_t work(swl_pool *pool, int32_t number) {
  const int32_t threads = swl_pool_threads(pool);
  int32_t count = 0;
  for (int32_t i = 0; i < threads; i++) {
    member *m = &pool->members[(number + i) % threads];
    for (int32_t tile; (tile = take(m, i > 0)) >= 0; count++)
      m->task(m->context, tile, number);
  }
  return count;
}

// MARK: Waiting

static uint64_t halved(uint64_t limit, uint64_t least) { return limit / 2 < least ? 0 : limit / 2; }
static uint64_t doubled(uint64_t limit, uint64_t least, uint64_t most) {
  const uint64_t twice = limit < least ? least : limit * 2;
  return twice < most ? twice : most;
}

/// Lets the caller work alone for twice as long as the last time.
static void rest(swl_pool *pool, uint64_t now) {
  uint64_t length = 2 * atomic_load_explicit(&pool->rest_length, memory_order_relaxed);
  length = length < REST_LEAST ? REST_LEAST : length;
  length = length > REST_MOST ? REST_MOST : length;
  atomic_store_explicit(&pool->rest_length, length, memory_order_relaxed);
  atomic_store_explicit(&pool->rest_until, now + length, memory_order_relaxed);
}

static bool rests(const swl_pool *pool, uint64_t now) {
  return now < atomic_load_explicit(&pool->rest_until, memory_order_relaxed);
}

/// Watches the worker's tiles; false when its time is over, at once on the core that the caller wants.
///
/// Within an invocation the limit halves when somebody else had the core meanwhile and doubles when work came. After
/// one, it halves each time that was in vain; `wait_for_work` raises it.
static bool watch(member *me) {
  swl_pool *pool = me->pool;
  const uint64_t start = swl_nanoseconds();
  uint64_t last = start, idle_since = 0;
  for (;;) {
    for (int i = 0; i < PAUSES; i++) {
      if (has_tiles(atomic_load_explicit(&me->tiles, memory_order_relaxed))) {
        me->busy_limit = doubled(me->busy_limit, BUSY_LEAST, BUSY_MOST);
        return true;
      }
      pause_briefly();
    }
    if (atomic_load_explicit(&pool->stops, memory_order_relaxed))
      return true;
    const uint64_t now = swl_nanoseconds();
    if (now - last > PREEMPTED) {
      me->busy_limit = halved(me->busy_limit, BUSY_LEAST);
      me->idle_limit = halved(me->idle_limit, IDLE_LEAST);
    }
    last = now;
    if (atomic_load_explicit(&pool->is_busy, memory_order_relaxed)) {
      idle_since = 0;
      if (sched_getcpu() == atomic_load_explicit(&pool->processor, memory_order_relaxed)) {
        rest(pool, now);
        return false;
      }
      if (now - start > me->busy_limit)
        return false;
    } else {
      idle_since = idle_since == 0 ? now : idle_since;
      if (now - idle_since >= me->idle_limit) {
        me->idle_limit = halved(me->idle_limit, IDLE_LEAST);
        return false;
      }
    }
  }
}

/// Watches, then sleeps. A sleep so short that watching could have bridged it lengthens the next watch.
static void wait_for_work(member *me) {
  swl_pool *pool = me->pool;
  if (pool->spins && watch(me))
    return;
  const uint64_t start = swl_nanoseconds();
  const uint32_t calls = atomic_load(&pool->calls);
  atomic_fetch_add(&pool->sleeping, 1);
  while (!atomic_load(&pool->stops) && atomic_load(&pool->calls) == calls)
    syscall(SYS_futex, &pool->calls, FUTEX_WAIT_PRIVATE, calls, NULL, NULL, 0);
  atomic_fetch_sub(&pool->sleeping, 1);
  atomic_store_explicit(&pool->is_called, false, memory_order_relaxed);
  if (atomic_load_explicit(&pool->called_at, memory_order_relaxed) - start < IDLE_MOST)
    me->idle_limit = doubled(me->idle_limit, IDLE_LEAST, IDLE_MOST);
  me->busy_limit = doubled(me->busy_limit, BUSY_LEAST, BUSY_MOST);
}

static void *worker(void *argument) {
  member *me = argument;
  swl_pool *pool = me->pool;
  while (!atomic_load_explicit(&pool->stops, memory_order_acquire)) {
    const int32_t count = work(pool, me->number);
    if (count > 0)
      atomic_fetch_add_explicit(&pool->finished, count, memory_order_release);
    else
      wait_for_work(me);
  }
  return NULL;
}

/// Makes sleeping workers look around.
static void call(swl_pool *pool, uint64_t now) {
  atomic_store_explicit(&pool->called_at, now, memory_order_relaxed);
  atomic_store_explicit(&pool->is_called, true, memory_order_relaxed);
  atomic_fetch_add(&pool->calls, 1);
  syscall(SYS_futex, &pool->calls, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

// MARK: Life

/// Starts the workers, as many as the system allows; signals are left to the program's own threads.
static void start_workers(swl_pool *pool, int32_t threads) {
  sigset_t all, former;
  sigfillset(&all);
  const bool blocks = pthread_sigmask(SIG_SETMASK, &all, &former) == 0;
  for (int32_t i = 1; i < threads; i++) {
    if (pthread_create(&pool->members[i].thread, NULL, worker, &pool->members[i]) != 0)
      break;
    atomic_fetch_add_explicit(&pool->threads, 1, memory_order_relaxed);
  }
  if (blocks)
    pthread_sigmask(SIG_SETMASK, &former, NULL);
}

swl_pool *swl_pool_create(int32_t threads) {
  if (threads < 2)
    return NULL;
  if (threads > THREADS_MAX)
    threads = THREADS_MAX;
  const size_t bytes = sizeof(swl_pool) + (size_t)threads * sizeof(member);
  swl_pool *pool = swl_allocate(bytes);
  if (pool == NULL)
    return NULL;
  memset(pool, 0, bytes);
  pool->threads = 1;
  pool->spins = threads <= swl_processor_count();
  pool->process = getpid();
  for (int32_t i = 0; i < threads; i++) {
    member *m = &pool->members[i];
    m->pool = pool;
    m->number = i;
    m->busy_limit = BUSY_MOST;
    m->idle_limit = IDLE_MOST;
  }
  start_workers(pool, threads);
  return pool;
}

// In a process made by fork there are no workers, and none to wait for.
void swl_pool_destroy(swl_pool *pool) {
  if (pool == NULL)
    return;
  if (pool->process == getpid()) {
    atomic_store(&pool->stops, true);
    call(pool, swl_nanoseconds());
    for (int32_t i = 1; i < swl_pool_threads(pool); i++)
      pthread_join(pool->members[i].thread, NULL);
  }
  swl_deallocate(pool);
}

int32_t swl_pool_threads(const swl_pool *pool) { return atomic_load_explicit(&pool->threads, memory_order_relaxed); }

// MARK: Running

/// Wakes sleeping workers when what they are for takes `work` nanoseconds and that pays. One that fell asleep just
/// after it was called would never be called again if that counted for ever.
static void call_for(swl_pool *pool, uint64_t work, uint64_t least, uint64_t now) {
  if (work >= least && atomic_load_explicit(&pool->sleeping, memory_order_relaxed) > 0 &&
      (!atomic_load_explicit(&pool->is_called, memory_order_relaxed) ||
       now - atomic_load_explicit(&pool->called_at, memory_order_relaxed) > CALL_AGAIN))
    call(pool, now);
}

void swl_pool_begin(swl_pool *pool) {
  pool->last_work = pool->work;
  pool->work = 0;
  // The smallest models share nothing, and would notice what follows. Others are told apart in their second invocation.
  if (pool->last_work == 0)
    return;
  atomic_store_explicit(&pool->is_busy, true, memory_order_relaxed);
  atomic_store_explicit(&pool->processor, sched_getcpu(), memory_order_relaxed);
  const uint64_t now = swl_nanoseconds();
  if (pool->spins && !rests(pool, now))
    call_for(pool, pool->last_work, CALL_FOR_ALL, now);
}

void swl_pool_end(swl_pool *pool) { atomic_store_explicit(&pool->is_busy, false, memory_order_relaxed); }

/// Waits until `taken` tiles that workers have are done.
static void join(swl_pool *pool, int32_t taken, uint64_t start) {
  for (uint32_t i = 1; atomic_load_explicit(&pool->finished, memory_order_acquire) != taken; i++) {
    pause_briefly();
    if (i % PAUSES == 0 && (!pool->spins || swl_nanoseconds() - start > BUSY_MOST))
      sched_yield();
  }
}

/// Keeps account of a job: workers saved the caller `work` nanoseconds, and it waited for them.
static void account(swl_pool *pool, uint64_t work, uint64_t waited, uint64_t now) {
  pool->saved += (int64_t)work - (int64_t)waited;
  if (pool->saved < 0) {
    const uint64_t lost = -pool->saved < LOST_MOST ? (uint64_t)-pool->saved : LOST_MOST;
    atomic_store_explicit(&pool->rest_until, now + REST_TIMES * lost, memory_order_relaxed);
    pool->saved = 0;
    return;
  }
  pool->saved = pool->saved < SAVED_MOST ? pool->saved : SAVED_MOST;
  const uint64_t length = atomic_load_explicit(&pool->rest_length, memory_order_relaxed);
  if (length > 0)
    atomic_store_explicit(&pool->rest_length, length - (length + REST_FADES - 1) / REST_FADES, memory_order_relaxed);
}

bool swl_pool_run(swl_pool *pool, swl_task task, void *context, int32_t tiles, uint64_t work_estimate) {
  const uint64_t start = swl_nanoseconds();
  const uint32_t threads = (uint32_t)swl_pool_threads(pool);
  pool->work += work_estimate;
  if (rests(pool, start) || threads < 2 || tiles > TILES_MAX)
    return false;
  atomic_store_explicit(&pool->finished, 0, memory_order_relaxed);
  // The shares of the workers first, the caller's own last, and not smaller than theirs.
  for (uint32_t i = threads; i-- > 0;) {
    member *m = &pool->members[i];
    const tile_range first = ((uint32_t)tiles * i + threads - 1) / threads;
    const tile_range end = ((uint32_t)tiles * (i + 1) + threads - 1) / threads;
    m->task = task;
    m->context = context;
    atomic_store_explicit(&m->tiles, first | end << END_SHIFT, memory_order_release);
  }
  call_for(pool, work_estimate, CALL_FOR_ONE, start);
  const int32_t taken = tiles - work(pool, 0);
  if (taken == 0)
    return true;
  const uint64_t own_end = swl_nanoseconds();
  join(pool, taken, own_end);
  const uint64_t now = swl_nanoseconds();
  const int32_t own = tiles - taken > 0 ? tiles - taken : 1;
  account(pool, (own_end - start) * (uint64_t)taken / (uint64_t)own, now - own_end, now);
  return true;
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
void swl_pool_begin(swl_pool *pool) { (void)pool; }
void swl_pool_end(swl_pool *pool) { (void)pool; }
bool swl_pool_run(swl_pool *pool, swl_task task, void *context, int32_t tiles, uint64_t work_estimate) {
  (void)pool, (void)task, (void)context, (void)tiles, (void)work_estimate;
  return false;
}

#endif
