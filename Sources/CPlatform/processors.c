#define _GNU_SOURCE
#include "CPlatform.h"

#if defined(__linux__)
#include <sched.h>
#include <stdio.h>
#include <string.h>
#endif
#if defined(__linux__) || defined(__APPLE__)
#include <unistd.h>
#endif

#if defined(__linux__)

/// Whole processors that `quota` microseconds in each `period` are; 0 for no limit.
static long whole(long quota, long period) {
  return quota <= 0 || period <= 0 ? 0 : quota < period ? 1 : quota / period;
}

/// What the files of one control group allow, of either version; 0 for no limit.
static long group_limit(const char *folder) {
  char path[512];
  long quota = 0, period = 0;
  snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", folder);
  FILE *file = fopen(path, "r");
  if (file != NULL) {
    const int found = fscanf(file, "%ld %ld", &quota, &period);
    fclose(file);
    return found == 2 ? whole(quota, period) : 0;
  }
  const char *const names[2] = {"cpu.cfs_quota_us", "cpu.cfs_period_us"};
  long values[2] = {0, 0};
  for (int i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "/sys/fs/cgroup/cpu%s/%s", folder, names[i]);
    file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%ld", &values[i]) != 1)
      values[i] = 0;
    if (file != NULL)
      fclose(file);
  }
  return whole(values[0], values[1]);
}

static long least(long limit, long other) { return other > 0 && (limit == 0 || other < limit) ? other : limit; }

/// The tightest limit of this process's control group and those around it; 0 for none.
static long quota_limit(void) {
  long limit = group_limit("");
  char line[256];
  FILE *file = fopen("/proc/self/cgroup", "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    char *folder = strrchr(line, ':');
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "0::", 3) != 0 && strstr(line, ":cpu") == NULL && strstr(line, ",cpu:") == NULL)
      continue;
    for (folder++; *folder == '/' && folder[1] != '\0'; *strrchr(folder, '/') = '\0')
      limit = least(limit, group_limit(folder));
  }
  if (file != NULL)
    fclose(file);
  return limit;
}

#endif

int swl_processor_count(void) {
#if defined(__linux__) || defined(__APPLE__)
  long count = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) < count)
    count = CPU_COUNT(&allowed);
  count = least(count, quota_limit());
#endif
  return count < 1 ? 1 : (int)count;
#else
  return 1;
#endif
}
