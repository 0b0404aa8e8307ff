// Models, options and interpreters from creation to deletion.
#include "check.h"

#include <stdlib.h>

static size_t read_file(const char *path, void **bytes) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    exit(2);
  }
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  *bytes = malloc((size_t)size);
  size_t got = fread(*bytes, 1, (size_t)size, file);
  fclose(file);
  return got;
}

static float add(TfLiteInterpreter *interpreter, float a, float b) {
  float sum = -1;
  CHECK(TfLiteTensorCopyFromBuffer(TfLiteInterpreterGetInputTensor(interpreter, 0), &a, sizeof a) == kTfLiteOk);
  CHECK(TfLiteTensorCopyFromBuffer(TfLiteInterpreterGetInputTensor(interpreter, 1), &b, sizeof b) == kTfLiteOk);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  CHECK(TfLiteTensorCopyToBuffer(TfLiteInterpreterGetOutputTensor(interpreter, 0), &sum, sizeof sum) == kTfLiteOk);
  return sum;
}

static void runs_a_model_from_a_file(void) {
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("add_float32.tflite"));
  CHECK(model != NULL);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
  CHECK(interpreter != NULL);
  CHECK(TfLiteInterpreterGetInputTensorCount(interpreter) == 2);
  CHECK(TfLiteInterpreterGetOutputTensorCount(interpreter) == 1);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(add(interpreter, 2, 3) == 5);
  CHECK(add(interpreter, -7, 4.5f) == -2.5f);
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(model);
}

static void an_interpreter_outlives_its_model_and_options(void) {
  void *bytes = NULL;
  size_t size = read_file(model_path("add_float32.tflite"), &bytes);
  TfLiteModel *model = TfLiteModelCreate(bytes, size);
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetNumThreads(options, 2);
  TfLiteInterpreterOptions *copy = TfLiteInterpreterOptionsCopy(options);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, copy);
  TfLiteInterpreterOptionsDelete(copy);
  TfLiteModelDelete(model);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(add(interpreter, 1, 1) == 2);
  TfLiteInterpreterDelete(interpreter);
  free(bytes);
}

static void tells_the_reporter_why_there_is_no_model(void) {
  Heard heard = {0};
  CHECK(TfLiteModelCreateFromFileWithErrorReporter("/there/is/no/model.tflite", hear, &heard) == NULL);
  CHECK(heard.count == 1 && strstr(heard.last, "/there/is/no/model.tflite") != NULL);
  CHECK(strcmp(SwiftletLastError(), heard.last) == 0);
  char noise[64];
  memset(noise, 0x41, sizeof noise);
  CHECK(TfLiteModelCreateWithErrorReporter(noise, sizeof noise, hear, &heard) == NULL);
  CHECK(heard.count == 2 && strstr(heard.last, "TFL3") != NULL);
  CHECK(TfLiteModelCreateWithErrorReporter(noise, 0, hear, &heard) == NULL);
  CHECK(heard.count == 3);
}

static void accepts_xnnpack_and_reports_other_delegates(void) {
  Heard heard = {0};
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("add_float32.tflite"));
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetErrorReporter(options, hear, &heard);
  TfLiteXNNPackDelegateOptions settings = TfLiteXNNPackDelegateOptionsDefault();
  TfLiteDelegate *known = TfLiteXNNPackDelegateCreate(&settings);
  TfLiteInterpreterOptionsAddDelegate(options, known);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(interpreter != NULL && heard.count == 0);
  TfLiteDelegate other = TfLiteDelegateCreate();
  CHECK(TfLiteInterpreterModifyGraphWithDelegate(interpreter, known) == kTfLiteOk);
  CHECK(TfLiteInterpreterModifyGraphWithDelegate(interpreter, &other) == kTfLiteDelegateError);
  CHECK(heard.count == 1 && strstr(heard.last, "delegate") != NULL);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsAddDelegate(options, &other);
  interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(interpreter != NULL && heard.count == 2);
  TfLiteInterpreterDelete(interpreter);
  TfLiteXNNPackDelegateDelete(known);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
}

static void names_an_operator_that_is_missing(void) {
  const char *path = shared_path("conformance/litert/custom_sinh.bin");
  if (path == NULL) {
    return;
  }
  Heard heard = {0};
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetErrorReporter(options, hear, &heard);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(interpreter != NULL);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteUnresolvedOps);
  CHECK(strstr(heard.last, "Sinh") != NULL);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteError);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
}

void test_life(void) {
  CHECK(strcmp(TfLiteVersion(), "2.17.1") == 0);
  CHECK(TfLiteSchemaVersion() == 3);
  CHECK(SwiftletVersion()[0] != 0);
  runs_a_model_from_a_file();
  an_interpreter_outlives_its_model_and_options();
  tells_the_reporter_why_there_is_no_model();
  accepts_xnnpack_and_reports_other_delegates();
  names_an_operator_that_is_missing();
}
