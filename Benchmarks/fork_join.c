// What it costs to share a step among threads: two tiles of the same length, on one thread after the other and on two
// threads, in turns.
//
//   fork_join [THREADS]
//
// The cost is what sharing takes beyond the time of one tile; reported are its least and its median over many groups
// of jobs that follow each other as the steps of an invocation do. The first lines are so short that the caller has
// done both tiles before a worker sees them.
#include "CPlatform.h"
#include <stdio.h>
#include <stdlib.h>

enum { GROUPS = 301, JOBS = 20 };

static void count(void *context, int32_t tile, int32_t thread) {
  (void)tile;
  (void)thread;
  const int64_t most = *(const int64_t *)context;
  for (volatile int64_t i = 0; i < most; i++) {
  }
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argument_count, char **arguments) {
  const int32_t threads = argument_count > 1 ? (int32_t)atoi(arguments[1]) : 2;
  swl_pool *pool = swl_pool_create(threads);
  if (pool == NULL) {
    fprintf(stderr, "fork_join: no threads here, or fewer than 2 asked for\n");
    return 69;
  }
  printf("%d threads, %d processors; nanoseconds\n", swl_pool_threads(pool), swl_processor_count());
  printf("%8s %14s %14s %14s %10s\n", "a tile", "shared, median", "cost, median", "cost, least", "speed-up");
  for (int64_t most = 250; most < 100000; most *= 2) {
    double tile[GROUPS], shared[GROUPS];
    int declined = 0;
    for (int group = 0; group < GROUPS; group++) {
      uint64_t start = swl_nanoseconds();
      for (int i = 0; i < JOBS; i++)
        count(&most, 0, 0);
      tile[group] = (double)(swl_nanoseconds() - start) / JOBS;
      swl_pool_begin(pool);
      start = swl_nanoseconds();
      for (int i = 0; i < JOBS; i++) {
        if (swl_pool_run(pool, count, &most, threads, 1000000))
          continue;
        declined++;
        for (int32_t t = 0; t < threads; t++)
          count(&most, t, 0);
      }
      shared[group] = (double)(swl_nanoseconds() - start) / JOBS;
      swl_pool_end(pool);
    }
    qsort(tile, GROUPS, sizeof *tile, by_size);
    qsort(shared, GROUPS, sizeof *shared, by_size);
    const double one = tile[GROUPS / 2], median = shared[GROUPS / 2];
    printf("%8.0f %14.0f %14.0f %14.0f %10.2f%s\n", one, median, median - one, shared[0] - tile[0],
           one * threads / median, declined > 0 ? "  (cores were busy)" : "");
  }
  swl_pool_destroy(pool);
  return 0;
}
