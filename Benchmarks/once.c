// Loads a library with TensorFlow Lite's C API, then a model, invokes it once, and prints the peak of its resident
// memory in kB. Without arguments it loads nothing: the process to compare with. Compiled with LINKED, the library is
// part of the program as it would be in firmware, and LIBRARY is not looked at.
//
//   once LIBRARY MODEL [THREADS]
#ifndef LINKED
#include <dlfcn.h>
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// What the system counts for this program alone; getrusage would begin with the memory of the one that started it.
static int print_peak(void) {
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, "VmHWM:", 6) == 0)
      printf("%ld\n", strtol(line + 6, NULL, 10));
  return file == NULL ? 70 : fclose(file);
}

#ifdef LINKED
#define FUNCTION(result, name, ...) result name(__VA_ARGS__);
#else
/// Data pointers become function pointers, as POSIX allows and C does not.
#define FUNCTION(result, name, ...)                                                                                    \
  result (*name)(__VA_ARGS__);                                                                                         \
  *(void **)(&name) = dlsym(library, #name);                                                                           \
  if (name == NULL) {                                                                                                  \
    fprintf(stderr, "%s: no function %s\n", arguments[1], #name);                                                      \
    return 69;                                                                                                         \
  }
#endif

int main(int count, char **arguments) {
  if (count < 3)
    return print_peak();
#ifndef LINKED
  void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 66;
  }
#endif
  FUNCTION(void *, TfLiteModelCreateFromFile, const char *)
  FUNCTION(void *, TfLiteInterpreterOptionsCreate, void)
  FUNCTION(void, TfLiteInterpreterOptionsSetNumThreads, void *, int32_t)
  FUNCTION(void *, TfLiteInterpreterCreate, const void *, const void *)
  FUNCTION(int, TfLiteInterpreterAllocateTensors, void *)
  FUNCTION(int, TfLiteInterpreterInvoke, void *)
  void *model = TfLiteModelCreateFromFile(arguments[2]), *options = TfLiteInterpreterOptionsCreate();
  if (model == NULL || options == NULL)
    return 65;
  TfLiteInterpreterOptionsSetNumThreads(options, count > 3 ? atoi(arguments[3]) : 1);
  void *interpreter = TfLiteInterpreterCreate(model, options);
  if (interpreter == NULL || TfLiteInterpreterAllocateTensors(interpreter) != 0)
    return 69;
  return TfLiteInterpreterInvoke(interpreter) == 0 ? print_peak() : 70;
}
