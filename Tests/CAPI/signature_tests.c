// Signature runners, variables, and what goes beyond TensorFlow Lite.
#include "check.h"

static void runs_each_signature(void) {
  const char *path = shared_path("conformance/litert/multi_signatures.bin");
  if (path == NULL) {
    return;
  }
  Heard heard = {0};
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetErrorReporter(options, hear, &heard);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(TfLiteInterpreterGetSignatureCount(interpreter) == 2);
  CHECK(strcmp(TfLiteInterpreterGetSignatureKey(interpreter, 0), "add") == 0);
  CHECK(TfLiteInterpreterGetSignatureKey(interpreter, 2) == NULL && heard.count == 1);
  CHECK(TfLiteInterpreterGetSignatureRunner(interpreter, "none") == NULL && heard.count == 2);
  CHECK(TfLiteInterpreterGetSignatureRunner(interpreter, NULL) == NULL && heard.count == 3);
  const char *keys[] = {"add", "sub"};
  float expected[] = {5, 0};
  for (int i = 0; i < 2; i++) {
    TfLiteSignatureRunner *runner = TfLiteInterpreterGetSignatureRunner(interpreter, keys[i]);
    CHECK(TfLiteSignatureRunnerGetInputCount(runner) == 1 && TfLiteSignatureRunnerGetOutputCount(runner) == 1);
    CHECK(strcmp(TfLiteSignatureRunnerGetInputName(runner, 0), "x") == 0);
    CHECK(TfLiteSignatureRunnerGetInputName(runner, 1) == NULL);
    CHECK(TfLiteSignatureRunnerInvoke(runner) == kTfLiteError);
    CHECK(TfLiteSignatureRunnerAllocateTensors(runner) == kTfLiteOk);
    CHECK(TfLiteSignatureRunnerGetInputTensor(runner, "y") == NULL);
    float x = 3;
    CHECK(TfLiteTensorCopyFromBuffer(TfLiteSignatureRunnerGetInputTensor(runner, "x"), &x, sizeof x) == kTfLiteOk);
    CHECK(TfLiteSignatureRunnerInvoke(runner) == kTfLiteOk);
    const TfLiteTensor *output = TfLiteSignatureRunnerGetOutputTensor(runner, "output_0");
    CHECK(TfLiteTensorCopyToBuffer(output, &x, sizeof x) == kTfLiteOk);
    CHECK(x == expected[i]);
    const TfLiteTensor *tensors = SwiftletInterpreterGetTensors(interpreter, i);
    int32_t count = SwiftletInterpreterGetTensorCount(interpreter, i);
    CHECK(count > 0 && output >= tensors && output < tensors + count);
    TfLiteSignatureRunnerDelete(runner);
  }
  CHECK(SwiftletInterpreterGetSubgraphCount(interpreter) == 2 && SwiftletInterpreterGetSubgraphCount(NULL) == 0);
  CHECK(SwiftletInterpreterGetTensors(interpreter, 0) == TfLiteInterpreterGetTensor(interpreter, 0));
  heard.count = 0;
  CHECK(SwiftletInterpreterGetTensors(interpreter, 2) == NULL && heard.count == 1);
  CHECK(SwiftletInterpreterGetTensorCount(interpreter, -1) == 0 && heard.count == 2);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
}

void test_signatures(void) { runs_each_signature(); }

void test_variables(void) {
  const char *path = shared_path("models/classification/trained_lstm_int8.tflite");
  if (path == NULL) {
    return;
  }
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
  CHECK(TfLiteInterpreterGetVariableTensorCount(interpreter) == 2);
  CHECK(TfLiteInterpreterGetVariableTensor(interpreter, 2) == NULL);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  memset(TfLiteTensorData(input), 90, TfLiteTensorByteSize(input));
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  const TfLiteTensor *state = TfLiteInterpreterGetVariableTensor(interpreter, 0);
  CHECK(state->is_variable && state->allocation_type == kTfLiteArenaRwPersistent);
  char before[4096];
  CHECK(TfLiteTensorByteSize(state) <= sizeof before);
  CHECK(TfLiteTensorCopyToBuffer(state, before, TfLiteTensorByteSize(state)) == kTfLiteOk);
  CHECK(TfLiteInterpreterResetVariableTensors(interpreter) == kTfLiteOk);
  CHECK(memcmp(TfLiteTensorData(state), before, TfLiteTensorByteSize(state)) != 0);
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(model);
}

static void plans_and_budgets(void) {
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("add_float32.tflite"));
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  CHECK(SwiftletInterpreterOptionsSetISA(options, "scalar") == kTfLiteOk);
  CHECK(SwiftletInterpreterOptionsSetISA(options, "abacus") == kTfLiteError);
  CHECK(SwiftletInterpreterOptionsSetISA(options, NULL) == kTfLiteError);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  SwiftletPlan plan;
  CHECK(SwiftletInterpreterGetPlan(interpreter, &plan) == kTfLiteError);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(SwiftletInterpreterGetPlan(interpreter, NULL) == kTfLiteError);
  CHECK(SwiftletInterpreterGetPlan(interpreter, &plan) == kTfLiteOk);
  CHECK(plan.arena_bytes >= 64 && plan.arena_bytes >= plan.arena_lower_bound_bytes);
  CHECK(plan.step_count == 1 && plan.operator_count == 1 && plan.thread_count == 1);
  CHECK(strcmp(plan.isa, "scalar") == 0);
  TfLiteInterpreterDelete(interpreter);
  CHECK(SwiftletInterpreterOptionsSetMemoryBudget(options, 1) == kTfLiteOk);
  interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteError);
  CHECK(strstr(SwiftletLastError(), "budget") != NULL);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
}

static void reloads_a_model_that_fits(void) {
  TfLiteModel *relu = TfLiteModelCreateFromFile(model_path("relu_float32.tflite"));
  TfLiteModel *abs = TfLiteModelCreateFromFile(model_path("abs_float32.tflite"));
  TfLiteModel *add = TfLiteModelCreateFromFile(model_path("add_float32.tflite"));
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(relu, NULL);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(SwiftletInterpreterReload(interpreter, add) == kTfLiteError);
  CHECK(SwiftletInterpreterReload(interpreter, NULL) == kTfLiteError);
  float values[2] = {-2, 3};
  for (int i = 0; i < 2; i++) {
    float result[2] = {0};
    CHECK(TfLiteTensorCopyFromBuffer(TfLiteInterpreterGetInputTensor(interpreter, 0), values, 8) == kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
    CHECK(TfLiteTensorCopyToBuffer(TfLiteInterpreterGetOutputTensor(interpreter, 0), result, 8) == kTfLiteOk);
    CHECK(result[0] == (i == 0 ? 0 : 2) && result[1] == 3);
    CHECK(SwiftletInterpreterReload(interpreter, abs) == kTfLiteOk);
  }
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(relu);
  TfLiteModelDelete(abs);
  TfLiteModelDelete(add);
}

void test_extensions(void) {
  plans_and_budgets();
  reloads_a_model_that_fits();
}
