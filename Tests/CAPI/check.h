// A test: functions that call CHECK, and a reporter that keeps the last message.
#ifndef CHECK_H
#define CHECK_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "swiftlet.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/delegates/xnnpack/xnnpack_delegate.h"

extern int checks;
extern int failures;

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    checks++;                                                                                                          \
    if (!(condition)) {                                                                                                \
      failures++;                                                                                                      \
      printf("%s:%d: %s: expected %s\n", __FILE__, __LINE__, __func__, #condition);                                    \
    }                                                                                                                  \
  } while (0)

/// What a reporter has heard.
typedef struct Heard {
  int count;
  char last[2048];
} Heard;

static inline void hear(void *user_data, const char *format, va_list args) {
  Heard *heard = user_data;
  heard->count++;
  vsnprintf(heard->last, sizeof heard->last, format, args);
}

/// The path of a model; exits when it is too long.
const char *model_path(const char *name);
/// The path of a shared model, or NULL when there is no folder of shared models.
const char *shared_path(const char *name);

void test_life(void);
void test_tensors(void);
void test_resizing(void);
void test_misuse(void);
void test_signatures(void);
void test_variables(void);
void test_extensions(void);
void test_strings(void);
void test_arrays(void);
void test_threads(void);
void test_control(void);
void test_memory(void);

#endif
