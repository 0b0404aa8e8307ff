// Tensors of strings.
#include "check.h"

#include <stdlib.h>

#include "swiftlet.h"

/// The strings of a tensor, joined: an int32 count, as many offsets and one more, the bytes.
static int holds(const TfLiteTensor *tensor, const char *joined, int count) {
  const char *data = TfLiteTensorData(tensor);
  const size_t size = TfLiteTensorByteSize(tensor), header = (size_t)(count + 2) * sizeof(int32_t);
  int32_t found;
  if (data == NULL || size != header + strlen(joined))
    return 0;
  memcpy(&found, data, sizeof found);
  return found == count && memcmp(data + header, joined, strlen(joined)) == 0;
}

static void strings_go_in_and_come_out(const char *path) {
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  const char *strings[3] = {"first", "", "third\0tail"};
  const size_t lengths[3] = {5, 0, 2};
  CHECK(TfLiteTensorType(input) == kTfLiteString);
  CHECK(SwiftletTensorSetStrings(interpreter, input, strings, NULL, 3) == kTfLiteError);
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(SwiftletTensorSetStrings(interpreter, input, strings, NULL, 3) == kTfLiteOk);
  CHECK(holds(input, "firstthird", 3));
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  const TfLiteTensor *output = TfLiteInterpreterGetOutputTensor(interpreter, 0);
  CHECK(holds(output, "firstthird", 3));
  CHECK(SwiftletTensorSetStrings(interpreter, input, strings, lengths, 3) == kTfLiteOk);
  CHECK(TfLiteInterpreterInvoke(interpreter) == kTfLiteOk);
  CHECK(holds(output, "firstth", 3));
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(model);
}

static void refuses_what_does_not_fit(const char *path) {
  TfLiteModel *model = TfLiteModelCreateFromFile(path);
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  TfLiteTensor other = {0};
  const char *strings[3] = {"a", NULL, "c"};
  CHECK(TfLiteInterpreterAllocateTensors(interpreter) == kTfLiteOk);
  CHECK(SwiftletTensorSetStrings(NULL, input, strings, NULL, 3) == kTfLiteError);
  CHECK(SwiftletTensorSetStrings(interpreter, NULL, strings, NULL, 3) == kTfLiteError);
  CHECK(SwiftletTensorSetStrings(interpreter, &other, strings, NULL, 3) == kTfLiteError);
  CHECK(SwiftletTensorSetStrings(interpreter, input, NULL, NULL, 3) == kTfLiteError);
  CHECK(SwiftletTensorSetStrings(interpreter, input, strings, NULL, 3) == kTfLiteError);
  CHECK(SwiftletTensorSetStrings(interpreter, input, strings, NULL, 1) == kTfLiteError);
  CHECK(strstr(SwiftletLastError(), "strings") != NULL);
  TfLiteInterpreterDelete(interpreter);
  TfLiteModelDelete(model);
}

void test_strings(void) {
  const char *path = shared_path("conformance/litert/string_input_model.bin");
  if (path == NULL)
    return;
  strings_go_in_and_come_out(path);
  refuses_what_does_not_fit(path);
}
