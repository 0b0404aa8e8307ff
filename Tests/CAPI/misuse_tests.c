// NULL, deleted handles, wrong sizes, wrong order: an error and a message, never a crash.
#include "check.h"

static void null_is_refused(void) {
  CHECK(TfLiteModelCreateFromFile(NULL) == NULL);
  CHECK(TfLiteModelCreate(NULL, 100) == NULL);
  CHECK(TfLiteInterpreterCreate(NULL, NULL) == NULL);
  CHECK(strstr(SwiftletLastError(), "NULL") != NULL);
  CHECK(TfLiteInterpreterOptionsCopy(NULL) == NULL);
  CHECK(TfLiteInterpreterAllocateTensors(NULL) == kTfLiteError);
  CHECK(TfLiteInterpreterInvoke(NULL) == kTfLiteError);
  CHECK(TfLiteInterpreterCancel(NULL) == kTfLiteError);
  CHECK(TfLiteInterpreterResetVariableTensors(NULL) == kTfLiteError);
  CHECK(TfLiteInterpreterGetInputTensorCount(NULL) == 0 && TfLiteInterpreterGetOutputTensorCount(NULL) == 0);
  CHECK(TfLiteInterpreterGetInputTensor(NULL, 0) == NULL && TfLiteInterpreterGetOutputTensor(NULL, 0) == NULL);
  CHECK(TfLiteInterpreterInputTensorIndices(NULL) == NULL && TfLiteInterpreterOutputTensorIndices(NULL) == NULL);
  CHECK(TfLiteInterpreterGetTensor(NULL, 0) == NULL);
  CHECK(TfLiteInterpreterGetSignatureCount(NULL) == 0 && TfLiteInterpreterGetSignatureKey(NULL, 0) == NULL);
  CHECK(TfLiteInterpreterGetSignatureRunner(NULL, "key") == NULL);
  CHECK(TfLiteSignatureRunnerInvoke(NULL) == kTfLiteError);
  CHECK(TfLiteSignatureRunnerAllocateTensors(NULL) == kTfLiteError);
  CHECK(TfLiteSignatureRunnerGetInputCount(NULL) == 0 && TfLiteSignatureRunnerGetInputName(NULL, 0) == NULL);
  CHECK(TfLiteSignatureRunnerGetOutputTensor(NULL, "x") == NULL);
  CHECK(TfLiteTensorType(NULL) == kTfLiteNoType && TfLiteTensorNumDims(NULL) == -1 && TfLiteTensorDim(NULL, 0) == -1);
  CHECK(TfLiteTensorByteSize(NULL) == 0 && TfLiteTensorData(NULL) == NULL && TfLiteTensorName(NULL) == NULL);
  CHECK(TfLiteTensorQuantizationParams(NULL).scale == 0);
  CHECK(TfLiteTensorCopyFromBuffer(NULL, "x", 1) == kTfLiteError);
  CHECK(TfLiteTensorCopyToBuffer(NULL, NULL, 0) == kTfLiteError);
  TfLiteModelDelete(NULL);
  TfLiteInterpreterDelete(NULL);
  TfLiteInterpreterOptionsDelete(NULL);
  TfLiteSignatureRunnerDelete(NULL);
  TfLiteInterpreterOptionsSetNumThreads(NULL, 2);
  TfLiteInterpreterOptionsSetErrorReporter(NULL, hear, NULL);
  TfLiteInterpreterOptionsAddDelegate(NULL, NULL);
}

static void deleted_handles_are_noticed(void) {
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("add_float32.tflite"));
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(TfLiteInterpreterCreate((const TfLiteModel *)interpreter, NULL) == NULL);
  TfLiteInterpreterDelete(interpreter);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteError);
  CHECK(strstr(SwiftletLastError(), "deleted") != NULL);
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(model);
  CHECK(TfLiteInterpreterCreate(model, options) == NULL);
  TfLiteInterpreterOptionsDelete(options);
  CHECK(TfLiteInterpreterOptionsCopy(options) == NULL);
}

static void wrong_sizes_and_order_are_refused(void) {
  Heard heard = {0};
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("add_float32.tflite"));
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetErrorReporter(options, hear, &heard);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  float values[2] = {0};
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteError && heard.count == 1);
  CHECK(strstr(heard.last, "AllocateTensors") != NULL);
  CHECK(TfLiteTensorCopyFromBuffer(input, values, 4) == kTfLiteError && heard.count == 2);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(TfLiteTensorCopyFromBuffer(input, values, 3) == kTfLiteError && heard.count == 3);
  CHECK(TfLiteTensorCopyFromBuffer(input, values, 8) == kTfLiteError && heard.count == 4);
  CHECK(TfLiteTensorCopyFromBuffer(input, NULL, 4) == kTfLiteError && heard.count == 5);
  CHECK(TfLiteTensorCopyToBuffer(input, values, 8) == kTfLiteError && heard.count == 6);
  CHECK(strstr(heard.last, "8") != NULL && strstr(heard.last, "4") != NULL);
  CHECK(TfLiteTensorDim(input, 1) == -1 && TfLiteTensorDim(input, -1) == -1 && heard.count == 8);
  CHECK(TfLiteInterpreterGetInputTensor(interpreter, 2) == NULL && heard.count == 9);
  CHECK(TfLiteInterpreterGetInputTensor(interpreter, -1) == NULL && heard.count == 10);
  CHECK(TfLiteInterpreterGetOutputTensor(interpreter, 1) == NULL && heard.count == 11);
  CHECK(TfLiteInterpreterGetTensor(interpreter, 1000) == NULL && heard.count == 12);
  CHECK(TfLiteInterpreterCancel(interpreter) == kTfLiteError && heard.count == 13);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk && heard.count == 13);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
}

typedef struct Reentrant {
  TfLiteInterpreter *interpreter;
  int depth;
  int count;
} Reentrant;

static void call_back(void *user_data, const char *format, va_list args) {
  Reentrant *state = user_data;
  char text[256];
  vsnprintf(text, sizeof text, format, args);
  state->count++;
  if (state->depth++ < 3) {
    CHECK(TfLiteInterpreterInvoke(state->interpreter) == kTfLiteError);
    CHECK(TfLiteInterpreterGetInputTensor(state->interpreter, 7) == NULL);
  }
}

static void a_reporter_may_call_the_library(void) {
  Reentrant state = {0};
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("add_float32.tflite"));
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetErrorReporter(options, call_back, &state);
  state.interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(TfLiteInterpreterInvoke(state.interpreter) == kTfLiteError);
  CHECK(state.count == 7);
  TfLiteInterpreterDelete(state.interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
}

void test_misuse(void) {
  null_is_refused();
  deleted_handles_are_noticed();
  wrong_sizes_and_order_are_refused();
  a_reporter_may_call_the_library();
}
