/* The XNNPACK delegate of TensorFlow Lite. Programs that ask for it get this library's own kernels. */
#ifndef TENSORFLOW_LITE_DELEGATES_XNNPACK_XNNPACK_DELEGATE_H_
#define TENSORFLOW_LITE_DELEGATES_XNNPACK_XNNPACK_DELEGATE_H_

#include "tensorflow/lite/c/common.h"

#ifdef __cplusplus
extern "C" {
#endif

struct TfLiteXNNPackDelegateWeightsCache;

enum { TFLITE_XNNPACK_DELEGATE_FLAG_QS8 = 1, TFLITE_XNNPACK_DELEGATE_FLAG_QU8 = 2 };

typedef struct {
  int32_t num_threads;
  uint32_t flags;
  struct TfLiteXNNPackDelegateWeightsCache *weights_cache;
  bool handle_variable_ops;
  const char *weight_cache_file_path;
} TfLiteXNNPackDelegateOptions;

TFL_CAPI_EXPORT TfLiteXNNPackDelegateOptions TfLiteXNNPackDelegateOptionsDefault(void);
/** A delegate that leaves every operator to the interpreter. `options` have no effect. */
TFL_CAPI_EXPORT TfLiteDelegate *TfLiteXNNPackDelegateCreate(const TfLiteXNNPackDelegateOptions *options);
TFL_CAPI_EXPORT void TfLiteXNNPackDelegateDelete(TfLiteDelegate *delegate);

#ifdef __cplusplus
}
#endif

#endif
