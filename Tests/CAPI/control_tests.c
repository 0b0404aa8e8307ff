#include "check.h"

#include <math.h>

// Runs a model of nested loops that never ends under `options`.
static TfLiteStatus invoke_forever(TfLiteInterpreterOptions *options, const char *path) {
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  TfLiteStatus status = TfLiteInterpreterAllocateTensors(interpreter);
  if (status == kTfLiteOk) {
    const float zero = 0;
    CHECK(TfLiteTensorCopyFromBuffer(TfLiteInterpreterGetInputTensor(interpreter, 0), &zero, sizeof zero) == kTfLiteOk);
    status = TfLiteInterpreterInvoke(interpreter);
  }
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(model);
  return status;
}

static void loops_end_at_their_limits(void) {
  const char *path = shared_path("conformance/litert/nested_while.bin");
  if (path == NULL) {
    return;
  }
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  CHECK(SwiftletInterpreterOptionsSetStepLimit(options, 1000) == kTfLiteOk);
  CHECK(invoke_forever(options, path) == kTfLiteError);
  CHECK(strstr(SwiftletLastError(), "1000 steps") != NULL);
  CHECK(SwiftletInterpreterOptionsSetStepLimit(options, UINT64_MAX) == kTfLiteOk);
  CHECK(SwiftletInterpreterOptionsSetTimeLimit(options, 10000000) == kTfLiteOk);
  CHECK(invoke_forever(options, path) == kTfLiteError);
  CHECK(strstr(SwiftletLastError(), "deadline") != NULL);
  CHECK(SwiftletInterpreterOptionsSetCallDepth(options, 2) == kTfLiteOk);
  CHECK(invoke_forever(options, path) == kTfLiteError);
  CHECK(strstr(SwiftletLastError(), "nested calls") != NULL);
  CHECK(SwiftletInterpreterOptionsSetCallDepth(options, 0) == kTfLiteOk);
  CHECK(SwiftletInterpreterOptionsSetTimeLimit(options, 0) == kTfLiteOk);
  CHECK(SwiftletInterpreterOptionsSetStepLimit(options, 1) == kTfLiteOk);
  CHECK(invoke_forever(options, path) == kTfLiteError);
  TfLiteInterpreterOptionsDelete(options);
  CHECK(SwiftletInterpreterOptionsSetStepLimit(NULL, 1) == kTfLiteError);
  CHECK(SwiftletInterpreterOptionsSetCallDepth(NULL, 1) == kTfLiteError);
  CHECK(SwiftletInterpreterOptionsSetTimeLimit(NULL, 1) == kTfLiteError);
}

enum { BY_DEFAULT = -1, OFF, ON };

static uint32_t run_with_row_chains(TfLiteModel *model, int enable, size_t *arena_bytes) {
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  if (enable != BY_DEFAULT) {
    CHECK(SwiftletInterpreterOptionsSetRowChains(options, enable == ON) == kTfLiteOk);
  }
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  SwiftletPlan plan;
  CHECK(SwiftletInterpreterGetPlan(interpreter, &plan) == kTfLiteOk);
  *arena_bytes = plan.arena_bytes;
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, 0);
  uint32_t sum = 0;
  for (size_t i = 0; i < TfLiteTensorByteSize(output); i++) {
    sum = sum * 31 + ((const uint8_t *)TfLiteTensorData(output))[i];
  }
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  return sum;
}

static void chains_of_rows_can_be_turned_off(void) {
  CHECK(SwiftletInterpreterOptionsSetRowChains(NULL, true) == kTfLiteError);
  const char *path = shared_path("models/classification/tf2_mobilenet_v2_1.0_224_ptq.tflite");
  if (path == NULL) {
    return;
  }
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  size_t by_default = 0, chained = 0, whole = 0;
  const uint32_t expected = run_with_row_chains(model, OFF, &whole);
  CHECK(run_with_row_chains(model, ON, &chained) == expected);
  CHECK(run_with_row_chains(model, BY_DEFAULT, &by_default) == expected);
  CHECK(by_default == chained && chained < 700 * 1024 && whole > 1024 * 1024);
  TfLiteModelDelete(model);
}

/// Runs a network of float32 and gives its scores, 10 of them at most.
static size_t run_in(TfLiteModel *model, bool bfloat16, const char *isa, float *scores) {
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  CHECK(SwiftletInterpreterOptionsSetBfloat16(options, bfloat16) == kTfLiteOk);
  CHECK(SwiftletInterpreterOptionsSetISA(options, isa) == kTfLiteOk);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  float *values = TfLiteTensorData(input);
  for (size_t i = 0; i < TfLiteTensorByteSize(input) / sizeof(float); i++)
    values[i] = (float)(i * 37 % 256);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, 0);
  const size_t bytes = TfLiteTensorByteSize(output);
  CHECK(bytes <= 10 * sizeof(float) && TfLiteTensorCopyToBuffer(output, scores, bytes) == kTfLiteOk);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  return bytes;
}

static void layers_can_be_computed_in_bfloat16(void) {
  CHECK(SwiftletInterpreterOptionsSetBfloat16(NULL, true) == kTfLiteError);
  const char *path = shared_path("models/mlperf_tiny/pretrainedResnet.tflite");
  if (path == NULL) {
    return;
  }
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  float exact[10] = {0}, rounded[10] = {0}, portable[10] = {0};
  const size_t bytes = run_in(model, false, "amx", exact);
  CHECK(run_in(model, true, "amx", rounded) == bytes && run_in(model, true, "scalar", portable) == bytes);
  CHECK(memcmp(rounded, exact, bytes) != 0);
  for (int i = 0; i < 10; i++) {
    // Its last layers are float32, whose last bits ARMv7 has otherwise.
    CHECK(fabsf(rounded[i] - exact[i]) < 0.05f && fabsf(rounded[i] - portable[i]) < 1e-5f);
  }
  TfLiteModelDelete(model);
}

static void outputs_have_the_shape_of_the_invocation(void) {
  const char *path = shared_path("conformance/litert/simple_topk_op_runtime_k.tflite");
  if (path == NULL) {
    return;
  }
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  float values[128];
  for (int i = 0; i < 128; i++) {
    values[i] = (float)(i * 37 % 128);
  }
  CHECK(TfLiteTensorCopyFromBuffer(TfLiteInterpreterGetInputTensor(interpreter, 1), values, sizeof values) ==
        kTfLiteOk);
  for (int32_t k = 128; k > 0; k /= 2) {
    CHECK(TfLiteTensorCopyFromBuffer(TfLiteInterpreterGetInputTensor(interpreter, 0), &k, sizeof k) == kTfLiteOk);
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
    const TfLiteTensor *best = TfLiteInterpreterGetOutputTensor(interpreter, 1);
    CHECK(TfLiteTensorNumDims(best) == 2 && TfLiteTensorDim(best, 0) == 1 && TfLiteTensorDim(best, 1) == k);
    CHECK(TfLiteTensorByteSize(best) == (size_t)k * sizeof(float));
    float found[128];
    CHECK(TfLiteTensorCopyToBuffer(best, found, (size_t)k * sizeof(float)) == kTfLiteOk);
    for (int32_t i = 0; i < k; i++) {
      CHECK(found[i] == (float)(127 - i));
    }
  }
  int32_t k = 129;
  CHECK(TfLiteTensorCopyFromBuffer(TfLiteInterpreterGetInputTensor(interpreter, 0), &k, sizeof k) == kTfLiteOk);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteError);
  CHECK(strstr(SwiftletLastError(), "TOPK_V2") != NULL);
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(model);
}

void test_control(void) {
  loops_end_at_their_limits();
  chains_of_rows_can_be_turned_off();
  layers_can_be_computed_in_bfloat16();
  outputs_have_the_shape_of_the_invocation();
}
