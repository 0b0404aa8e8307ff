// In a library for a model that has none of them: row chains, signatures and strings are refused with a message that
// says that the library was built without them.
#include "swiftlet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_refusal(bool is_refused, const char *what) {
  if (is_refused && strstr(SwiftletLastError(), "the library was built without") != NULL)
    return;
  fprintf(stderr, "%s: not refused, or the message is '%s'\n", what, SwiftletLastError());
  exit(1);
}

static void silence(void *user_data, const char *format, va_list args) { (void)user_data, (void)format, (void)args; }

int main(int count, char **arguments) {
  TfLiteModel *model = count == 2 ? TfLiteModelCreateFromFile(arguments[1]) : NULL;
  TfLiteInterpreterOptions *options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetErrorReporter(options, silence, NULL);
  expect_refusal(SwiftletInterpreterOptionsSetRowChains(options, true) != kTfLiteOk, "row chains");
  expect_refusal(SwiftletInterpreterOptionsSetBfloat16(options, true) != kTfLiteOk, "bfloat16");
  TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, options);
  if (TfLiteInterpreterAllocateTensors(interpreter) != kTfLiteOk)
    return 1;
  expect_refusal(TfLiteInterpreterGetSignatureRunner(interpreter, "serving_default") == NULL, "signatures");
  const char *text = "text";
  TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
  expect_refusal(SwiftletTensorSetStrings(interpreter, input, &text, NULL, 1) != kTfLiteOk, "strings");
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
  return 0;
}
