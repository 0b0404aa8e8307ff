// What tensors say of themselves, and memory of the caller.
#include "check.h"

#include <stdalign.h>
#include <stdlib.h>

static TfLiteInterpreter *open_model(const char *name, TfLiteModel **model) {
  *model = TfLiteModelCreateFromFile(model_path(name));
  return TfLiteInterpreterCreate(*model, NULL);
}

static void close_model(TfLiteInterpreter *interpreter, TfLiteModel *model) {
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(model);
}

static void tensors_are_known_before_they_have_memory(void) {
  TfLiteModel *model;
  TfLiteInterpreter *interpreter = open_model("relu_int8.tflite", &model);
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  CHECK(TfLiteTensorType(input) == kTfLiteInt8);
  CHECK(TfLiteTensorNumDims(input) == 1 && TfLiteTensorDim(input, 0) == 2);
  CHECK(TfLiteTensorByteSize(input) == 2);
  CHECK(TfLiteTensorData(input) == NULL);
  CHECK(TfLiteTensorQuantizationParams(input).scale > 0);
  CHECK(strlen(TfLiteTensorName(input)) > 0);
  CHECK(input->type == kTfLiteInt8 && input->dims->size == 1 && input->bytes == 2 && input->data.int8 == NULL);
  CHECK(input->quantization.type == kTfLiteAffineQuantization);
  CHECK(((TfLiteAffineQuantization *)input->quantization.params)->scale->data[0] == input->params.scale);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(TfLiteInterpreterGetInputTensor(interpreter, 0) == input);
  CHECK(TfLiteTensorData(input) != NULL && (uintptr_t)TfLiteTensorData(input) % 64 == 0);
  close_model(interpreter, model);
}

static void data_stays_where_it_is(void) {
  TfLiteModel *model;
  TfLiteInterpreter *interpreter = open_model("relu_int8.tflite", &model);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  int8_t *input = TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 0));
  const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, 0);
  int8_t *result = TfLiteTensorData(output);
  input[0] = 100;
  input[1] = -128;
  for (int i = 0; i < 3; i++) {
    CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
    CHECK(input[0] == 100 && input[1] == -128);
    CHECK(TfLiteTensorData(output) == result);
  }
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(TfLiteTensorData(output) == result && input[0] == 100);
  close_model(interpreter, model);
}

static void indices_lead_to_tensors(void) {
  TfLiteModel *model;
  TfLiteInterpreter *interpreter = open_model("add_float32.tflite", &model);
  for (int i = 0; i < 2; i++) {
    int index = TfLiteInterpreterInputTensorIndices(interpreter)[i];
    CHECK(TfLiteInterpreterGetInputTensorIndex(interpreter, i) == index);
    CHECK(TfLiteInterpreterGetTensor(interpreter, index) == TfLiteInterpreterGetInputTensor(interpreter, i));
  }
  int index = TfLiteInterpreterOutputTensorIndices(interpreter)[0];
  CHECK(TfLiteInterpreterGetOutputTensorIndex(interpreter, 0) == index);
  CHECK(TfLiteInterpreterGetTensor(interpreter, index) == TfLiteInterpreterGetOutputTensor(interpreter, 0));
  close_model(interpreter, model);
}

static void uses_memory_of_the_caller(void) {
  TfLiteModel *model;
  TfLiteInterpreter *interpreter = open_model("add_float32.tflite", &model);
  alignas(64) float memory[3][16] = {{0}};
  const int *inputs = TfLiteInterpreterInputTensorIndices(interpreter);
  int tensors[3] = {inputs[0], inputs[1], TfLiteInterpreterGetOutputTensorIndex(interpreter, 0)};
  for (int i = 0; i < 3; i++) {
    TfLiteCustomAllocation given = {memory[i], sizeof memory[i]};
    CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, tensors[i], &given, 0) == kTfLiteOk);
  }
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 0)) == memory[0]);
  memory[0][0] = 1.5f;
  memory[1][0] = 2;
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  CHECK(memory[2][0] == 3.5f);
  TfLiteCustomAllocation small = {memory[0], 1};
  TfLiteCustomAllocation crooked = {(char *)memory[0] + 4, 8};
  CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, tensors[0], &small, 0) == kTfLiteError);
  CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, tensors[0], &crooked, 0) == kTfLiteError);
  CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, tensors[0], &crooked,
                                                      kTfLiteCustomAllocationFlagsSkipAlignCheck) == kTfLiteOk);
  CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, tensors[0], NULL, 0) == kTfLiteError);
  CHECK(TfLiteInterpreterSetCustomAllocationForTensor(interpreter, 99, &small, 0) == kTfLiteError);
  close_model(interpreter, model);
}

void test_tensors(void) {
  tensors_are_known_before_they_have_memory();
  data_stays_where_it_is();
  indices_lead_to_tensors();
  uses_memory_of_the_caller();
}
