// The thread pool: every tile once, on at most as many threads as there are, whatever the others do meanwhile.
#include "CPlatform.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    checks++;                                                                                                          \
    if (!(condition)) {                                                                                                \
      failures++;                                                                                                      \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                                  \
    }                                                                                                                  \
  } while (0)

enum { MOST_TILES = 1000, MOST_THREADS = 8 };

static int checks, failures;

typedef struct job {
  int32_t calls[MOST_TILES];
  _Atomic bool is_running[MOST_THREADS];
  _Atomic int32_t clashes;
  int32_t threads;
  _Atomic uint32_t members;
  uint32_t rounds;
} job;

static void count(void *context, int32_t tile, int32_t thread) {
  job *j = context;
  if (thread < 0 || thread >= j->threads || atomic_exchange(&j->is_running[thread], true))
    atomic_fetch_add(&j->clashes, 1);
  j->calls[tile]++;
  atomic_fetch_or(&j->members, 1u << thread);
  for (volatile uint32_t i = 0; i < j->rounds; i++) {
  }
  atomic_store(&j->is_running[thread], false);
}

/// Runs `tiles` tiles and checks that each was called once. A pool may decline; the caller then does them itself.
static void run(swl_pool *pool, job *j, int32_t tiles) {
  memset(j->calls, 0, sizeof j->calls);
  if (!swl_pool_run(pool, count, j, tiles, 1000000)) {
    for (int32_t i = 0; i < tiles; i++)
      count(j, i, 0);
  }
  int32_t wrong = 0;
  for (int32_t i = 0; i < MOST_TILES; i++)
    wrong += j->calls[i] != (i < tiles);
  CHECK(wrong == 0);
  CHECK(j->clashes == 0);
}

static void every_tile_is_called_once(int32_t threads, uint32_t rounds) {
  swl_pool *pool = swl_pool_create(threads);
  CHECK(pool != NULL);
  job j = {.threads = swl_pool_threads(pool), .rounds = rounds};
  CHECK(j.threads == threads);
  static const int32_t tiles[] = {0, 1, 2, 3, 4, 5, 7, 8, 16, 63, 64, 65, MOST_TILES};
  for (int round = 0; round < 40; round++) {
    swl_pool_begin(pool);
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++)
      run(pool, &j, tiles[i]);
    swl_pool_end(pool);
    if (round % 10 == 9)
      nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); // the workers fall asleep
  }
  swl_pool_destroy(pool);
}

static void sleep_briefly(void *context, int32_t tile, int32_t thread) {
  count(context, tile, thread);
  nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
}

static void sleeping_workers_come_for_heavy_jobs(void) {
  swl_pool *pool = swl_pool_create(3);
  job j = {.threads = 3};
  nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  // On a busy machine the pool declines for a while.
  for (int round = 0; round < 2000 && j.members != 7; round++) {
    if (!swl_pool_run(pool, sleep_briefly, &j, 9, 27000000))
      nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
  }
  CHECK(j.members == 7);
  swl_pool_destroy(pool);
}

static void more_tiles_than_a_run_can_hold_are_declined(void) {
  swl_pool *pool = swl_pool_create(2);
  job j = {.threads = 2};
  CHECK(!swl_pool_run(pool, count, &j, 0x8000, 1000));
  CHECK(j.members == 0);
  swl_pool_destroy(pool);
}

static void pools_come_and_go(void) {
  for (int i = 0; i < 200; i++) {
    swl_pool *pool = swl_pool_create(2 + i % 3);
    job j = {.threads = MOST_THREADS};
    if (i % 2 == 0)
      run(pool, &j, i);
    swl_pool_destroy(pool);
  }
  CHECK(swl_pool_create(1) == NULL);
  swl_pool_destroy(NULL);
}

static void *own_pool(void *argument) {
  (void)argument;
  swl_pool *pool = swl_pool_create(2);
  job j = {.threads = 2};
  for (int i = 0; i < 300; i++) {
    memset(j.calls, 0, sizeof j.calls);
    if (swl_pool_run(pool, count, &j, 50, 1000000)) {
      for (int t = 0; t < 50; t++)
        j.clashes += j.calls[t] != 1;
    }
  }
  swl_pool_destroy(pool);
  return (void *)(intptr_t)j.clashes;
}

static void pools_of_several_threads_do_not_meet(void) {
  pthread_t threads[3];
  for (int i = 0; i < 3; i++)
    CHECK(pthread_create(&threads[i], NULL, own_pool, NULL) == 0);
  for (int i = 0; i < 3; i++) {
    void *wrong = NULL;
    pthread_join(threads[i], &wrong);
    CHECK(wrong == NULL);
  }
}

/// The child has no workers and works alone, and ends the pool without waiting for them.
static void a_forked_child_works_alone(void) {
  swl_pool *pool = swl_pool_create(3);
  job j = {.threads = 3};
  run(pool, &j, 20);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    j.members = 0;
    for (int i = 0; i < 50; i++) {
      swl_pool_begin(pool);
      run(pool, &j, 20);
      swl_pool_end(pool);
    }
    swl_pool_destroy(pool);
    _exit(failures == 0 && j.members == 1 ? 0 : 1);
  }
  int status = -1;
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  run(pool, &j, 20);
  swl_pool_destroy(pool);
}

/// Processor time of this process in nanoseconds.
static uint64_t processor_time(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void idle_workers_take_no_time(void) {
  swl_pool *pool = swl_pool_create(2);
  job j = {.threads = 2};
  swl_pool_begin(pool);
  run(pool, &j, 20);
  swl_pool_end(pool);
  nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
  const uint64_t before = processor_time();
  nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
  CHECK(processor_time() - before < 20000000);
  swl_pool_destroy(pool);
}

static void one_processor_is_counted_as_one(void) {
  cpu_set_t former, one;
  CHECK(sched_getaffinity(0, sizeof former, &former) == 0);
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++) {
    if (CPU_ISSET(i, &former))
      CPU_SET(i, &one);
  }
  CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(swl_processor_count() == 1);
  every_tile_is_called_once(2, 10);
  CHECK(sched_setaffinity(0, sizeof former, &former) == 0);
}

/// Stands in for the system's: the first `granted` threads are made, then none.
static _Atomic int granted;
int failing_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);
int failing_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  return granted-- > 0 ? pthread_create(thread, attributes, start, argument) : 11;
}

static void fewer_threads_where_the_system_grants_fewer(void) {
  for (int32_t i = 0; i < 4; i++) {
    granted = i;
    swl_pool *pool = swl_pool_create(4);
    CHECK(pool != NULL && swl_pool_threads(pool) == i + 1);
    job j = {.threads = i + 1};
    for (int round = 0; round < 20; round++)
      run(pool, &j, 30);
    swl_pool_destroy(pool);
  }
  granted = 1 << 20;
}

int main(void) {
  fewer_threads_where_the_system_grants_fewer();
  for (int32_t threads = 2; threads <= MOST_THREADS; threads += threads < 4 ? 1 : 4)
    every_tile_is_called_once(threads, threads % 2 == 0 ? 500 : 0);
  sleeping_workers_come_for_heavy_jobs();
  more_tiles_than_a_run_can_hold_are_declined();
  pools_come_and_go();
  pools_of_several_threads_do_not_meet();
  a_forked_child_works_alone();
  idle_workers_take_no_time();
  one_processor_is_counted_as_one();
  printf("thread pool: %d checks passed, %d failed\n", checks - failures, failures);
  return failures == 0 ? 0 : 1;
}
