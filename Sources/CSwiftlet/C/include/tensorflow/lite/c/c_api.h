/* TensorFlow Lite's C API. A program built for libtensorflowlite_c runs unchanged with this library in its place.
 *
 *   TfLiteModel *model = TfLiteModelCreateFromFile("model.tflite");
 *   TfLiteInterpreter *interpreter = TfLiteInterpreterCreate(model, NULL);
 *   TfLiteInterpreterAllocateTensors(interpreter);
 *   TfLiteTensor *input = TfLiteInterpreterGetInputTensor(interpreter, 0);
 *   TfLiteTensorCopyFromBuffer(input, pixels, sizeof pixels);
 *   TfLiteInterpreterInvoke(interpreter);
 *   TfLiteTensorCopyToBuffer(TfLiteInterpreterGetOutputTensor(interpreter, 0), scores, sizeof scores);
 *   TfLiteInterpreterDelete(interpreter);
 *   TfLiteModelDelete(model);
 *
 * NULL and deleted handles, indices out of range and calls in the wrong order are reported and change nothing.
 * An interpreter belongs to one thread at a time; only the two Cancel functions may be called from another one.
 */
#ifndef TENSORFLOW_LITE_C_C_API_H_
#define TENSORFLOW_LITE_C_C_API_H_

#include <stdarg.h>

#include "tensorflow/lite/c/c_api_types.h"
#include "tensorflow/lite/c/common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TfLiteModel TfLiteModel;
typedef struct TfLiteInterpreterOptions TfLiteInterpreterOptions;
typedef struct TfLiteInterpreter TfLiteInterpreter;
typedef struct TfLiteSignatureRunner TfLiteSignatureRunner;

/** The version of TensorFlow Lite whose C API this is. */
TFL_CAPI_EXPORT const char *TfLiteVersion(void);
/** The version of the extension API; see TfLiteVersion. */
TFL_CAPI_EXPORT const char *TfLiteExtensionApisVersion(void);
/** The version of the file format: 3. */
TFL_CAPI_EXPORT int TfLiteSchemaVersion(void);

/* Models. */

/** Verifies `model_size` bytes, which must outlive the model and its interpreters. NULL when they are no model. */
TFL_CAPI_EXPORT TfLiteModel *TfLiteModelCreate(const void *model_data, size_t model_size);
/** As TfLiteModelCreate; `reporter` is told why it failed. */
TFL_CAPI_EXPORT TfLiteModel *TfLiteModelCreateWithErrorReporter(const void *model_data, size_t model_size,
                                                                void (*reporter)(void *user_data, const char *format,
                                                                                 va_list args),
                                                                void *user_data);
/** Maps and verifies a file. NULL when it cannot be read or is no model. */
TFL_CAPI_EXPORT TfLiteModel *TfLiteModelCreateFromFile(const char *model_path);
TFL_CAPI_EXPORT TfLiteModel *TfLiteModelCreateFromFileWithErrorReporter(
    const char *model_path, void (*reporter)(void *user_data, const char *format, va_list args), void *user_data);
/** Interpreters of the model stay usable. */
TFL_CAPI_EXPORT void TfLiteModelDelete(TfLiteModel *model);

/* Options. */

TFL_CAPI_EXPORT TfLiteInterpreterOptions *TfLiteInterpreterOptionsCreate(void);
TFL_CAPI_EXPORT TfLiteInterpreterOptions *TfLiteInterpreterOptionsCopy(const TfLiteInterpreterOptions *from);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsDelete(TfLiteInterpreterOptions *options);
/** Threads that Invoke may use, the caller's included; -1 and 0 leave the choice to the library (1). */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetNumThreads(TfLiteInterpreterOptions *options, int32_t num_threads);
/** Keeps `delegate` with the options. This library runs every operator itself: a delegate other than XNNPACK's is
 * reported when an interpreter is created, and takes no part in it. */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsAddDelegate(TfLiteInterpreterOptions *options,
                                                         TfLiteOpaqueDelegate *delegate);
/** `reporter` gets the messages of interpreters; without one they go to the standard error stream. It may call this
 * library. */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetErrorReporter(TfLiteInterpreterOptions *options,
                                                              void (*reporter)(void *user_data, const char *format,
                                                                               va_list args),
                                                              void *user_data);
/** Not available: operators of the caller cannot be added. The call is reported. */
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsAddOperator(TfLiteInterpreterOptions *options, TfLiteOperator *op);
/** Allows TfLiteInterpreterCancel. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterOptionsEnableCancellation(TfLiteInterpreterOptions *options, bool enable);

/* Interpreters. */

/** NULL when `model` is not a model. `options` may be NULL; both may be deleted afterwards. Tensors have types and
 * shapes at once, and memory after TfLiteInterpreterAllocateTensors. */
TFL_CAPI_EXPORT TfLiteInterpreter *TfLiteInterpreterCreate(const TfLiteModel *model,
                                                           const TfLiteInterpreterOptions *optional_options);
TFL_CAPI_EXPORT void TfLiteInterpreterDelete(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT int32_t TfLiteInterpreterGetInputTensorCount(const TfLiteInterpreter *interpreter);
/** Tensor indices of the inputs, valid as long as the interpreter. */
TFL_CAPI_EXPORT const int *TfLiteInterpreterInputTensorIndices(const TfLiteInterpreter *interpreter);
/** NULL when the index is out of range. The tensor stays at its address as long as the interpreter. */
TFL_CAPI_EXPORT TfLiteTensor *TfLiteInterpreterGetInputTensor(const TfLiteInterpreter *interpreter,
                                                              int32_t input_index);
/** Gives input `input_index` another shape; it takes memory with the next TfLiteInterpreterAllocateTensors. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterResizeInputTensor(TfLiteInterpreter *interpreter, int32_t input_index,
                                                                const int *input_dims, int32_t input_dims_size);
/** Prepares the model for the shapes of its inputs and gives every tensor its memory. Does nothing when no shape has
 * changed. Otherwise pointers from TfLiteTensorData end here. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterAllocateTensors(TfLiteInterpreter *interpreter);
/** Computes the outputs from the inputs, which keep their contents. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterInvoke(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT int32_t TfLiteInterpreterGetOutputTensorCount(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT const int *TfLiteInterpreterOutputTensorIndices(const TfLiteInterpreter *interpreter);
/** NULL when the index is out of range. The tensor stays at its address as long as the interpreter. */
TFL_CAPI_EXPORT const TfLiteTensor *TfLiteInterpreterGetOutputTensor(const TfLiteInterpreter *interpreter,
                                                                     int32_t output_index);
/** Any tensor of the model by its index. Besides inputs, outputs, variables and constants, tensors have no memory that
 * is theirs alone: their `data` is NULL. */
TFL_CAPI_EXPORT TfLiteTensor *TfLiteInterpreterGetTensor(const TfLiteInterpreter *interpreter, int index);
/** Ends the invocation that is running on another thread with kTfLiteCancelled. The next one is not affected. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterCancel(const TfLiteInterpreter *interpreter);

/* Tensors. */

TFL_CAPI_EXPORT TfLiteType TfLiteTensorType(const TfLiteTensor *tensor);
/** -1 for NULL. */
TFL_CAPI_EXPORT int32_t TfLiteTensorNumDims(const TfLiteTensor *tensor);
/** -1 when the index is out of range. */
TFL_CAPI_EXPORT int32_t TfLiteTensorDim(const TfLiteTensor *tensor, int32_t dim_index);
TFL_CAPI_EXPORT size_t TfLiteTensorByteSize(const TfLiteTensor *tensor);
/** The elements, aligned to 64 bytes unless the caller gave the memory or the tensor is a constant. NULL before
 * TfLiteInterpreterAllocateTensors; valid until the interpreter allocates again or is deleted. */
TFL_CAPI_EXPORT void *TfLiteTensorData(const TfLiteTensor *tensor);
TFL_CAPI_EXPORT const char *TfLiteTensorName(const TfLiteTensor *tensor);
TFL_CAPI_EXPORT TfLiteQuantizationParams TfLiteTensorQuantizationParams(const TfLiteTensor *tensor);
/** `input_data_size` must be TfLiteTensorByteSize(tensor). */
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorCopyFromBuffer(TfLiteTensor *tensor, const void *input_data,
                                                        size_t input_data_size);
/** `output_data_size` must be TfLiteTensorByteSize(tensor). */
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorCopyToBuffer(const TfLiteTensor *tensor, void *output_data,
                                                      size_t output_data_size);

/* Signatures: named ways to call a model. */

TFL_CAPI_EXPORT int32_t TfLiteInterpreterGetSignatureCount(const TfLiteInterpreter *interpreter);
/** Valid as long as the interpreter; NULL when the index is out of range. */
TFL_CAPI_EXPORT const char *TfLiteInterpreterGetSignatureKey(const TfLiteInterpreter *interpreter,
                                                             int32_t signature_index);
/** NULL when the model has no such signature. Delete the runner before the interpreter. */
TFL_CAPI_EXPORT TfLiteSignatureRunner *TfLiteInterpreterGetSignatureRunner(const TfLiteInterpreter *interpreter,
                                                                           const char *signature_key);
TFL_CAPI_EXPORT size_t TfLiteSignatureRunnerGetInputCount(const TfLiteSignatureRunner *signature_runner);
TFL_CAPI_EXPORT const char *TfLiteSignatureRunnerGetInputName(const TfLiteSignatureRunner *signature_runner,
                                                              int32_t input_index);
/** Only dimensions that the file leaves open can be changed. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteSignatureRunnerResizeInputTensor(TfLiteSignatureRunner *signature_runner,
                                                                    const char *input_name, const int *input_dims,
                                                                    int32_t input_dims_size);
TFL_CAPI_EXPORT TfLiteStatus TfLiteSignatureRunnerAllocateTensors(TfLiteSignatureRunner *signature_runner);
TFL_CAPI_EXPORT TfLiteTensor *TfLiteSignatureRunnerGetInputTensor(TfLiteSignatureRunner *signature_runner,
                                                                  const char *input_name);
TFL_CAPI_EXPORT TfLiteStatus TfLiteSignatureRunnerInvoke(TfLiteSignatureRunner *signature_runner);
TFL_CAPI_EXPORT size_t TfLiteSignatureRunnerGetOutputCount(const TfLiteSignatureRunner *signature_runner);
TFL_CAPI_EXPORT const char *TfLiteSignatureRunnerGetOutputName(const TfLiteSignatureRunner *signature_runner,
                                                               int32_t output_index);
TFL_CAPI_EXPORT const TfLiteTensor *TfLiteSignatureRunnerGetOutputTensor(const TfLiteSignatureRunner *signature_runner,
                                                                         const char *output_name);
TFL_CAPI_EXPORT TfLiteStatus TfLiteSignatureRunnerCancel(TfLiteSignatureRunner *signature_runner);
TFL_CAPI_EXPORT void TfLiteSignatureRunnerDelete(TfLiteSignatureRunner *signature_runner);

#ifdef __cplusplus
}
#endif

#endif
