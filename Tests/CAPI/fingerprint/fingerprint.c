// Runs models on inputs that depend on nothing but the model, and prints a number for the bytes of each output: two
// machines agree exactly when what they print is the same.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "swiftlet.h"

static uint32_t next_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static void fill(TfLiteTensor *tensor, uint32_t seed) {
  uint32_t state = seed;
  unsigned char *bytes = TfLiteTensorData(tensor);
  size_t size = TfLiteTensorByteSize(tensor);
  switch (TfLiteTensorType(tensor)) {
  case kTfLiteFloat32:
    for (size_t i = 0; i + 4 <= size; i += 4) {
      float value = (float)(next_random(&state) >> 8) / 8388608.0f - 1.0f;
      memcpy(bytes + i, &value, 4);
    }
    break;
  case kTfLiteInt8:
  case kTfLiteUInt8:
  case kTfLiteInt16:
    for (size_t i = 0; i < size; i++) {
      bytes[i] = (unsigned char)(next_random(&state) >> 11);
    }
    break;
  default:
    memset(bytes, 0, size);
    for (size_t i = 0; i < size; i += 4) {
      bytes[i] = (unsigned char)(next_random(&state) & 1);
    }
  }
}

// Processors give the NaN of an invalid operation different signs: all NaNs count as one.
static void unify_nans(const TfLiteTensor *tensor) {
  float *values = TfLiteTensorData(tensor);
  if (TfLiteTensorType(tensor) != kTfLiteFloat32) {
    return;
  }
  for (size_t i = 0; i < TfLiteTensorByteSize(tensor) / sizeof *values; i++) {
    if (values[i] != values[i]) {
      memset(&values[i], 0xff, sizeof *values);
    }
  }
}

static uint64_t hash(const TfLiteTensor *tensor) {
  unify_nans(tensor);
  const unsigned char *bytes = TfLiteTensorData(tensor);
  uint64_t sum = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < TfLiteTensorByteSize(tensor); i++) {
    sum = (sum ^ bytes[i]) * UINT64_C(1099511628211);
  }
  return sum;
}

static void silent(void *user_data, const char *format, va_list args) {
  (void)user_data;
  (void)format;
  (void)args;
}

static void run(const char *path, int rounds) {
  const char *slash = strrchr(path, '/');
  printf("%s", slash == NULL ? path : slash + 1);
  TfLiteModel *model = TfLiteModelCreateFromFileWithErrorReporter(path, silent, NULL);
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetErrorReporter(options, silent, NULL);
  TfLiteInterpreter *interpreter = model == NULL ? NULL : TfLiteInterpreterCreate(model, options);
  TfLiteStatus status = interpreter == NULL ? kTfLiteError : TfLiteInterpreterAllocateTensors(interpreter);
  if (status != kTfLiteOk) {
    printf(" refused");
    rounds = 0;
  }
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < TfLiteInterpreterGetInputTensorCount(interpreter); i++) {
      fill(TfLiteInterpreterGetInputTensor(interpreter, i), 2463534242u + (uint32_t)(round * 31 + i));
    }
    if (TfLiteInterpreterInvoke(interpreter) != kTfLiteOk) {
      printf(" failed");
    }
    for (int i = 0; i < TfLiteInterpreterGetOutputTensorCount(interpreter); i++) {
      printf(" %016llx", (unsigned long long)hash(TfLiteInterpreterGetOutputTensor(interpreter, i)));
    }
  }
  printf("\n");
  if (interpreter != NULL) {
    TfLiteInterpreterDelete(interpreter);
  }
  TfLiteInterpreterOptionsDelete(options);
  if (model != NULL) {
    TfLiteModelDelete(model);
  }
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    run(argv[i], 2);
  }
  return 0;
}
