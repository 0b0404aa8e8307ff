// Messages: the last error of a thread, and the caller's reporter with its va_list, which Swift cannot call.
#include "reporter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__unix__) || defined(__APPLE__)
#define SWL_THREAD_LOCAL _Thread_local
#else
#define SWL_THREAD_LOCAL
#endif

static SWL_THREAD_LOCAL char last_error[2048];

const char *SwiftletLastError(void) { return last_error; }

swl_reporter *swl_reporter_create(const swl_reporter *from) {
  swl_reporter *reporter = malloc(sizeof *reporter);
  if (reporter != NULL) {
    *reporter = from != NULL ? *from : (swl_reporter){SWL_REPORTER_MARK, NULL, NULL};
  }
  return reporter;
}

void swl_reporter_delete(swl_reporter *reporter) {
  if (reporter != NULL) {
    reporter->mark = 0;
  }
  free(reporter);
}

__attribute__((format(printf, 2, 3))) static void call(const swl_reporter *reporter, const char *format, ...) {
  va_list args;
  va_start(args, format);
  reporter->function(reporter->user_data, format, args);
  va_end(args);
}

void swl_fail(const swl_reporter *reporter, const char *message) {
  if (message != last_error) {
    size_t length = strlen(message);
    length = length < sizeof last_error ? length : sizeof last_error - 1;
    memcpy(last_error, message, length);
    last_error[length] = 0;
  }
  if (reporter == NULL || reporter->function == NULL) {
    fprintf(stderr, "ERROR: %s\n", message);
    return;
  }
  // The function may fail again on this thread and overwrite the last error; the message that it reads is its own.
  call(reporter, "%s", message);
}

// Bytes of the sequence at `bytes`, of which there are `count`; 0 when it is not UTF-8.
static size_t sequence(const uint8_t *bytes, size_t count) {
  const uint8_t first = bytes[0];
  const size_t length = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : 4;
  if (length > count || (length == 4 && (first < 0xF0 || first > 0xF4)))
    return 0;
  for (size_t i = 1; i < length; i++)
    if (bytes[i] >> 6 != 2)
      return 0;
  const bool is_valid = first == 0xE0   ? bytes[1] >= 0xA0
                        : first == 0xED ? bytes[1] < 0xA0
                        : first == 0xF0 ? bytes[1] >= 0x90
                        : first == 0xF4 ? bytes[1] < 0x90
                                        : true;
  return is_valid ? length : 0;
}

void swl_fail_text(const swl_reporter *reporter, const uint8_t *bytes, size_t count) {
  char message[sizeof last_error];
  size_t length = 0;
  for (size_t i = 0; i < count;) {
    const size_t step = sequence(bytes + i, count - i);
    if (length + 4 >= sizeof message)
      break;
    memcpy(message + length, step > 0 ? (const char *)bytes + i : "?", step > 0 ? step : 1);
    length += step > 0 ? step : 1;
    i += step > 0 ? step : 1;
  }
  message[length] = 0;
  swl_fail(reporter, message);
}

// Appends at `length`, cut off where the buffer ends.
static size_t append(char *buffer, size_t size, size_t length, const char *text) {
  while (*text != 0 && length < size - 1)
    buffer[length++] = *text++;
  return length;
}

static size_t append_number(char *buffer, size_t size, size_t length, ptrdiff_t number) {
  char digits[24];
  size_t first = sizeof digits - 1;
  digits[first] = 0;
  size_t rest = number < 0 ? 0 - (size_t)number : (size_t)number;
  do {
    digits[--first] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (number < 0)
    digits[--first] = '-';
  return append(buffer, size, length, digits + first);
}

void swl_fail_with(const swl_reporter *reporter, const char *form, ptrdiff_t first, ptrdiff_t second, ptrdiff_t third,
                   const char *text, const char *other_text) {
  char message[sizeof last_error];
  size_t length = 0;
  for (; *form != 0; form++) {
    if (*form == '#') {
      length = append_number(message, sizeof message, length, first);
      first = second;
      second = third;
    } else if (*form == '$') {
      length = append(message, sizeof message, length, text);
      text = other_text;
    } else {
      length = append(message, sizeof message, length, (char[]){*form, 0});
    }
  }
  message[length] = 0;
  swl_fail(reporter, message);
}

void swl_fail_tensor(const TfLiteTensor *tensor, const char *message) {
  const swl_reporter *reporter = tensor != NULL ? tensor->allocation : NULL;
  bool is_ours = reporter != NULL && reporter->mark == SWL_REPORTER_MARK;
  swl_fail(is_ours ? reporter : NULL, message);
}

static void set_reporter(swl_reporter *to, void (*function)(void *user_data, const char *format, va_list args),
                         void *user_data) {
  *to = (swl_reporter){SWL_REPORTER_MARK, function, user_data};
}

void TfLiteInterpreterOptionsSetErrorReporter(TfLiteInterpreterOptions *options,
                                              void (*reporter)(void *user_data, const char *format, va_list args),
                                              void *user_data) {
  swl_reporter *own = swl_options_reporter(options);
  if (own != NULL) {
    set_reporter(own, reporter, user_data);
  }
}

TfLiteModel *TfLiteModelCreateWithErrorReporter(const void *model_data, size_t model_size,
                                                void (*reporter)(void *user_data, const char *format, va_list args),
                                                void *user_data) {
  swl_reporter own;
  set_reporter(&own, reporter, user_data);
  return swl_model_create(model_data, model_size, &own);
}

TfLiteModel *TfLiteModelCreateFromFileWithErrorReporter(
    const char *model_path, void (*reporter)(void *user_data, const char *format, va_list args), void *user_data) {
  swl_reporter own;
  set_reporter(&own, reporter, user_data);
  return swl_model_open(model_path, &own);
}

TfLiteModel *TfLiteModelCreate(const void *model_data, size_t model_size) {
  return swl_model_create(model_data, model_size, NULL);
}

TfLiteModel *TfLiteModelCreateFromFile(const char *model_path) { return swl_model_open(model_path, NULL); }
