// What the two halves of the C API tell each other. Not installed.
#ifndef SWL_CAPI_H
#define SWL_CAPI_H

#include "swiftlet.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/delegates/xnnpack/xnnpack_delegate.h"

/// Who is told of errors: a function of the caller, or the standard error stream.
typedef struct swl_reporter swl_reporter;

/// A copy of `from`; of the standard error stream for NULL. NULL when out of memory.
swl_reporter *swl_reporter_create(const swl_reporter *from);
void swl_reporter_delete(swl_reporter *reporter);
/// Keeps `message` for SwiftletLastError and tells `reporter`, or the standard error stream for NULL.
void swl_fail(const swl_reporter *reporter, const char *message);
/// As `swl_fail`, of so many bytes, of which those that are not UTF-8 become question marks.
void swl_fail_text(const swl_reporter *reporter, const uint8_t *bytes, size_t count);
/// As `swl_fail`, of a message in which each '#' stands for the next number and each '$' for the next text.
void swl_fail_with(const swl_reporter *reporter, const char *form, ptrdiff_t first, ptrdiff_t second, ptrdiff_t third,
                   const char *text, const char *other_text);
/// As `swl_fail`, with the reporter of the tensor's interpreter.
void swl_fail_tensor(const TfLiteTensor *tensor, const char *message);

/// What a handle is; the text in messages.
typedef enum swl_kind { SWL_MODEL, SWL_OPTIONS, SWL_INTERPRETER, SWL_SIGNATURE_RUNNER } swl_kind;

/// A handle that stands for `object`; NULL when out of memory.
void *swl_handle_create(swl_kind kind, void *object);
/// The object of a handle. NULL when the handle is NULL, was deleted, or is of another kind, which is reported.
void *swl_handle_object(const void *handle, swl_kind kind);
/// As `swl_handle_object`, and ends the handle. Its last words are kept for a while so that later uses are noticed.
void *swl_handle_retire(void *handle, swl_kind kind);

swl_reporter *swl_options_reporter(TfLiteInterpreterOptions *options);
TfLiteModel *swl_model_create(const void *data, size_t size, const swl_reporter *reporter);
TfLiteModel *swl_model_open(const char *path, const swl_reporter *reporter);

/// `count` zeroed tensors with `room` bytes behind them for their shapes and quantization; NULL when out of memory.
TfLiteTensor *swl_tensors_create(size_t count, size_t room, const swl_reporter *reporter);
/// Bytes that an array of so many numbers takes of that room, and the parameters of so many channels.
size_t swl_array_room(size_t count);
size_t swl_quantization_room(size_t count);
/// An array in that room, or of its own where the room is used up; NULL when out of memory.
TfLiteIntArray *swl_tensors_array(TfLiteTensor *tensors, size_t count);
/// An empty text that lives as long as the library.
const void *swl_no_name(void);
/// Frees an array that `swl_tensors_array` made.
void swl_tensors_free_array(const TfLiteTensor *tensors, const TfLiteIntArray *array);
/// Frees tensors, their shapes and quantization; not their names and data.
void swl_tensors_delete(TfLiteTensor *tensors, size_t count);
/// A copy of `count` bytes with a zero after it, to be freed with `swl_free`; NULL when out of memory.
char *swl_text(const uint8_t *bytes, size_t count);
void swl_free(void *memory);
/// An array with these elements, each within int; NULL when out of memory.
TfLiteIntArray *swl_int_array(const int64_t *elements, size_t count);
/// Reserves memory for `count` per-tensor or per-channel parameters of tensor `index` in the tensors' room. False when
/// that is used up.
bool swl_tensor_reserve_quantization(TfLiteTensor *tensors, size_t index, size_t count);
/// Writes the `count` parameters for which there is memory.
void swl_tensor_quantize(TfLiteTensor *tensor, const float *scales, const int32_t *zero_points, size_t count,
                         int32_t dimension);

/// Whether a delegate leaves everything to the interpreter.
bool swl_delegate_is_idle(const TfLiteDelegate *delegate);

#endif
