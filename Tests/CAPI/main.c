#include "check.h"

#include <stdlib.h>

int checks;
int failures;
static const char *models;
static const char *shared;

static const char *join(const char *folder, const char *name) {
  static char paths[4][4096];
  static int next;
  char *path = paths[next++ % 4];
  if ((size_t)snprintf(path, sizeof paths[0], "%s/%s", folder, name) >= sizeof paths[0]) {
    exit(2);
  }
  return path;
}

const char *model_path(const char *name) { return join(models, name); }

const char *shared_path(const char *name) {
  const char *path = shared == NULL ? NULL : join(shared, name);
  FILE *file = path == NULL ? NULL : fopen(path, "rb");
  if (file == NULL) {
    printf("absent, not tested: %s\n", name);
    return NULL;
  }
  fclose(file);
  return path;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s MODELS [SHARED]\n", argv[0]);
    return 2;
  }
  models = argv[1];
  shared = argc > 2 ? argv[2] : NULL;
  test_life();
  test_tensors();
  test_resizing();
  test_misuse();
  test_signatures();
  test_variables();
  test_extensions();
  test_strings();
  test_arrays();
  test_threads();
  test_control();
  test_memory();
  printf("%d checks, %d failures\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
