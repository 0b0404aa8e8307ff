#define _GNU_SOURCE
#include "blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

static blas_library library;
static pthread_once_t is_loaded = PTHREAD_ONCE_INIT;

static void load(void) {
  static const char *const names[] = {"libopenblas.so.0", "libopenblas.so", "libopenblas.dylib"};
  // Read while it is loaded: it would start a thread for each core, each with memory of its own.
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  void *handle = NULL;
  for (size_t index = 0; handle == NULL && index < sizeof names / sizeof *names; index++)
    handle = dlopen(names[index], RTLD_LAZY | RTLD_LOCAL);
  if (handle == NULL)
    return;
  *(void **)&library.gemm = dlsym(handle, "cblas_sgemm");
  *(void **)&library.syrk = dlsym(handle, "cblas_ssyrk");
}

const blas_library *blas(void) {
  pthread_once(&is_loaded, load);
  return &library;
}
