// Delegates of which this library knows that they leave everything to the interpreter.
#include "swl_capi.h"

#include <stdlib.h>

static TfLiteStatus leave_all(struct TfLiteContext *context, TfLiteDelegate *delegate) {
  (void)context;
  (void)delegate;
  return kTfLiteOk;
}

bool swl_delegate_is_idle(const TfLiteDelegate *delegate) { return delegate != NULL && delegate->Prepare == leave_all; }

TfLiteDelegate TfLiteDelegateCreate(void) { return (TfLiteDelegate){0}; }

TfLiteXNNPackDelegateOptions TfLiteXNNPackDelegateOptionsDefault(void) {
  return (TfLiteXNNPackDelegateOptions){.flags = TFLITE_XNNPACK_DELEGATE_FLAG_QS8 | TFLITE_XNNPACK_DELEGATE_FLAG_QU8};
}

TfLiteDelegate *TfLiteXNNPackDelegateCreate(const TfLiteXNNPackDelegateOptions *options) {
  (void)options;
  TfLiteDelegate *delegate = calloc(1, sizeof *delegate);
  if (delegate == NULL) {
    swl_fail(NULL, "out of memory while creating a delegate");
    return NULL;
  }
  delegate->Prepare = leave_all;
  return delegate;
}

void TfLiteXNNPackDelegateDelete(TfLiteDelegate *delegate) { free(delegate); }
