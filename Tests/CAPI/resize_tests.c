// Changing the shapes of inputs.
#include "check.h"

static void a_new_shape_takes_effect_with_allocate(void) {
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("abs_float32.tflite"));
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, 0);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  int dims[] = {5};
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, dims, 1) == kTfLiteOk);
  CHECK(TfLiteTensorDim(input, 0) == 5 && TfLiteTensorByteSize(input) == 20);
  CHECK(TfLiteTensorData(input) == NULL && TfLiteTensorData(output) == NULL);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteError);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(TfLiteTensorDim(output, 0) == 5);
  float values[] = {-1, 2, -3, 4, -5};
  CHECK(TfLiteTensorCopyFromBuffer(input, values, sizeof values) == kTfLiteOk);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  CHECK(TfLiteTensorCopyToBuffer(output, values, sizeof values) == kTfLiteOk);
  CHECK(values[0] == 1 && values[4] == 5);
  float *data = TfLiteTensorData(input);
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, dims, 1) == kTfLiteOk);
  CHECK(TfLiteTensorData(input) == data && TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(model);
}

static void refuses_shapes_that_cannot_be(void) {
  Heard heard = {0};
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("abs_float32.tflite"));
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetErrorReporter(options, hear, &heard);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  int negative[] = {-1};
  int huge[] = {2147483647, 2147483647, 2147483647};
  int deep[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, negative, 1) == kTfLiteError && heard.count == 1);
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, huge, 3) == kTfLiteError && heard.count == 2);
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, deep, 9) == kTfLiteError && heard.count == 3);
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, NULL, 1) == kTfLiteError && heard.count == 4);
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, deep, -1) == kTfLiteError && heard.count == 5);
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 1, deep, 1) == kTfLiteError && heard.count == 6);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
}

static void a_shape_that_the_model_cannot_take_fails_while_allocating(void) {
  Heard heard = {0};
  TfLiteModel *model = TfLiteModelCreateFromFile(model_path("add_float32.tflite"));
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetErrorReporter(options, hear, &heard);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  int two[] = {2}, three[] = {3};
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 0, two, 1) == kTfLiteOk);
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 1, three, 1) == kTfLiteOk);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteError && heard.count == 1);
  CHECK(strstr(heard.last, "ADD") != NULL);
  CHECK(TfLiteTensorData(TfLiteInterpreterGetInputTensor(interpreter, 0)) == NULL);
  CHECK(TfLiteInterpreterResizeInputTensor(interpreter, 1, two, 1) == kTfLiteOk);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
}

void test_resizing(void) {
  a_new_shape_takes_effect_with_allocate();
  refuses_shapes_that_cannot_be();
  a_shape_that_the_model_cannot_take_fails_while_allocating();
}
