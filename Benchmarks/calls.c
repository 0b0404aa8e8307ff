// What calls of TensorFlow Lite's C API cost in two libraries, in turns in one process for each model: what one model
// leaves behind, threads and memory, is no matter of the next.
//
//   calls OURS THEIRS MODEL...
//
// For each model that both load: microseconds of TfLiteInterpreterCreate + TfLiteInterpreterAllocateTensors, the first
// TfLiteInterpreterInvoke, and the ones after it; least of several. A ratio above 1 means that OURS is faster.
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct library {
  void *(*model)(const char *);
  void *(*create)(const void *, const void *);
  int (*allocate)(void *);
  int (*invoke)(void *);
  void (*delete)(void *);
} library;

typedef struct times {
  double prepare, first, invoke;
} times;

enum { LEAST_ROUNDS = 5, MOST_ROUNDS = 400 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/// Data pointers become function pointers, as POSIX allows and C does not.
static bool find(void *handle, const char *name, void *target) {
  void *found = dlsym(handle, name);
  memcpy(target, &found, sizeof found);
  return found != NULL;
}

static bool load(const char *path, library *l) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return false;
  }
  return find(handle, "TfLiteModelCreateFromFile", &l->model) && find(handle, "TfLiteInterpreterCreate", &l->create) &&
         find(handle, "TfLiteInterpreterAllocateTensors", &l->allocate) &&
         find(handle, "TfLiteInterpreterInvoke", &l->invoke) && find(handle, "TfLiteInterpreterDelete", &l->delete);
}

static void keep_least(double *least, double value) { *least = *least == 0 || value < *least ? value : *least; }

/// One interpreter from creation to deletion; false when the library cannot run the model.
static bool measure(const library *l, const void *model, times *t) {
  double start = now();
  void *interpreter = l->create(model, NULL);
  const bool is_ready = interpreter != NULL && l->allocate(interpreter) == 0;
  keep_least(&t->prepare, now() - start);
  start = now();
  bool runs = is_ready && l->invoke(interpreter) == 0;
  const double first = now() - start;
  keep_least(&t->first, first);
  const int count = first > 2000 ? 1 : first > 20 ? 20 : 2000;
  start = now();
  for (int i = 0; runs && i < count; i++)
    runs = l->invoke(interpreter) == 0;
  keep_least(&t->invoke, (now() - start) / count);
  l->delete (interpreter);
  return runs;
}

/// Both libraries in turns; false when one cannot run the model.
static bool compare(const library libraries[2], const char *path, times t[2]) {
  void *models[2] = {libraries[0].model(path), libraries[1].model(path)};
  bool both = models[0] != NULL && models[1] != NULL;
  const double start = now();
  for (int round = 0; both && round < MOST_ROUNDS && (round < LEAST_ROUNDS || now() - start < 3e5); round++) {
    for (int l = 0; both && l < 2; l++)
      both = measure(&libraries[l], models[l], &t[l]);
  }
  return both;
}

/// The same in a process of its own; `crashed` says that it did not end by itself.
static bool compare_apart(const library libraries[2], const char *path, times t[2], bool *crashed) {
  int ends[2];
  *crashed = true;
  if (pipe(ends) != 0)
    return false;
  const pid_t child = fork();
  if (child == 0) {
    const bool both = compare(libraries, path, t);
    _exit(both && write(ends[1], t, 2 * sizeof *t) == 2 * sizeof *t ? 0 : 1);
  }
  close(ends[1]);
  const bool both = child > 0 && read(ends[0], t, 2 * sizeof *t) == 2 * sizeof *t;
  close(ends[0]);
  int status = 0;
  *crashed = child <= 0 || waitpid(child, &status, 0) != child || WIFSIGNALED(status);
  return both;
}

int main(int count, char **arguments) {
  library libraries[2];
  if (count < 4 || !load(arguments[1], &libraries[0]) || !load(arguments[2], &libraries[1])) {
    fprintf(stderr, "usage: calls OURS THEIRS MODEL...\n");
    return 64;
  }
  printf("%-44s %23s %23s %25s\n", "microseconds: ours, theirs, ratio", "create + allocate", "first invoke", "invoke");
  int compared = 0, faster = 0, crashes = 0;
  for (int i = 3; i < count; i++) {
    times t[2] = {{0, 0, 0}, {0, 0, 0}};
    fflush(stdout);
    bool crashed = false;
    if (!compare_apart(libraries, arguments[i], t, &crashed)) {
      crashes += crashed;
      if (crashed)
        fprintf(stderr, "%s: a library crashed\n", arguments[i]);
      continue;
    }
    const char *name = strrchr(arguments[i], '/');
    printf("%-44.44s %8.1f %8.1f %5.2f %8.1f %8.1f %5.2f %9.2f %9.2f %5.2f\n", name == NULL ? arguments[i] : name + 1,
           t[0].prepare, t[1].prepare, t[1].prepare / t[0].prepare, t[0].first, t[1].first, t[1].first / t[0].first,
           t[0].invoke, t[1].invoke, t[1].invoke / t[0].invoke);
    compared++;
    faster += t[0].prepare < t[1].prepare;
  }
  printf("create + allocate is faster for %d of %d models\n", faster, compared);
  return crashes == 0 ? 0 : 70;
}
