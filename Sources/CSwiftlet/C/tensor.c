// Reading and writing tensors.
#include "swl_capi.h"

#include <stdio.h>
#include <string.h>

static bool is_null(const void *tensor) {
  if (tensor == NULL) {
    swl_fail(NULL, "the tensor is NULL");
  }
  return tensor == NULL;
}

TfLiteType TfLiteTensorType(const TfLiteTensor *tensor) { return is_null(tensor) ? kTfLiteNoType : tensor->type; }

int32_t TfLiteTensorNumDims(const TfLiteTensor *tensor) {
  return is_null(tensor) || tensor->dims == NULL ? -1 : tensor->dims->size;
}

static int32_t dimension(const TfLiteTensor *tensor, const TfLiteIntArray *dims, int32_t index) {
  int size = dims == NULL ? 0 : dims->size;
  if (index >= 0 && index < size) {
    return dims->data[index];
  }
  char message[96];
  snprintf(message, sizeof message, "dimension %d of a tensor with %d dimensions", (int)index, size);
  swl_fail_tensor(tensor, message);
  return -1;
}

int32_t TfLiteTensorDim(const TfLiteTensor *tensor, int32_t dim_index) {
  return is_null(tensor) ? -1 : dimension(tensor, tensor->dims, dim_index);
}

size_t TfLiteTensorByteSize(const TfLiteTensor *tensor) { return is_null(tensor) ? 0 : tensor->bytes; }

void *TfLiteTensorData(const TfLiteTensor *tensor) { return is_null(tensor) ? NULL : tensor->data.data; }

const char *TfLiteTensorName(const TfLiteTensor *tensor) { return is_null(tensor) ? NULL : tensor->name; }

TfLiteQuantizationParams TfLiteTensorQuantizationParams(const TfLiteTensor *tensor) {
  return is_null(tensor) ? (TfLiteQuantizationParams){0, 0} : tensor->params;
}

static bool fits(const TfLiteTensor *tensor, const void *buffer, size_t size) {
  char message[160] = "";
  if (buffer == NULL && size > 0) {
    snprintf(message, sizeof message, "the buffer is NULL");
  } else if (size != tensor->bytes) {
    snprintf(message, sizeof message, "the buffer has %lu bytes, the tensor has %lu", (unsigned long)size,
             (unsigned long)tensor->bytes);
  } else if (tensor->data.raw == NULL && size > 0) {
    snprintf(message, sizeof message, "the tensor has no memory yet: call TfLiteInterpreterAllocateTensors first");
  } else {
    return true;
  }
  swl_fail_tensor(tensor, message);
  return false;
}

TfLiteStatus TfLiteTensorCopyFromBuffer(TfLiteTensor *tensor, const void *input_data, size_t input_data_size) {
  if (is_null(tensor) || !fits(tensor, input_data, input_data_size)) {
    return kTfLiteError;
  }
  if (tensor->allocation_type == kTfLiteMmapRo) {
    swl_fail_tensor(tensor, "the tensor is a constant of the model");
    return kTfLiteError;
  }
  if (input_data_size > 0) {
    memcpy(tensor->data.raw, input_data, input_data_size);
  }
  return kTfLiteOk;
}

TfLiteStatus TfLiteTensorCopyToBuffer(const TfLiteTensor *tensor, void *output_data, size_t output_data_size) {
  if (is_null(tensor) || !fits(tensor, output_data, output_data_size)) {
    return kTfLiteError;
  }
  if (output_data_size > 0) {
    memcpy(output_data, tensor->data.raw, output_data_size);
  }
  return kTfLiteOk;
}

TfLiteStatus TfLiteTensorCopy(const TfLiteTensor *src, TfLiteTensor *dst) {
  if (is_null(src) || is_null(dst)) {
    return kTfLiteError;
  }
  if (src == dst) {
    return kTfLiteOk;
  }
  if (src->bytes != dst->bytes) {
    swl_fail_tensor(dst, "the tensors have different numbers of bytes");
    return kTfLiteError;
  }
  TfLiteIntArray *dims = TfLiteIntArrayCopy(src->dims);
  if (dims == NULL && src->dims != NULL) {
    swl_fail_tensor(dst, "out of memory while copying a tensor");
    return kTfLiteError;
  }
  TfLiteIntArrayFree(dst->dims);
  dst->dims = dims;
  return src->bytes > 0 ? TfLiteTensorCopyToBuffer(src, dst->data.raw, dst->bytes) : kTfLiteOk;
}

const char *TfLiteTypeGetName(TfLiteType type) {
  static const char *const names[] = {"NOTYPE",   "FLOAT32",   "INT32",  "UINT8",   "INT64",   "STRING",     "BOOL",
                                      "INT16",    "COMPLEX64", "INT8",   "FLOAT16", "FLOAT64", "COMPLEX128", "UINT64",
                                      "RESOURCE", "VARIANT",   "UINT32", "UINT16",  "INT4",    "BFLOAT16"};
  size_t index = (size_t)type;
  return index < sizeof names / sizeof *names ? names[index] : "Unknown type";
}

// The names of the extension API for the same structure.

TFL_CAPI_EXPORT TfLiteType TfLiteOpaqueTensorType(const TfLiteOpaqueTensor *tensor) { return TfLiteTensorType(tensor); }
TFL_CAPI_EXPORT int32_t TfLiteOpaqueTensorNumDims(const TfLiteOpaqueTensor *tensor) {
  return TfLiteTensorNumDims(tensor);
}
TFL_CAPI_EXPORT int32_t TfLiteOpaqueTensorDim(const TfLiteOpaqueTensor *tensor, int32_t dim_index) {
  return TfLiteTensorDim(tensor, dim_index);
}
TFL_CAPI_EXPORT size_t TfLiteOpaqueTensorByteSize(const TfLiteOpaqueTensor *tensor) {
  return TfLiteTensorByteSize(tensor);
}
TFL_CAPI_EXPORT void *TfLiteOpaqueTensorData(const TfLiteOpaqueTensor *tensor) { return TfLiteTensorData(tensor); }
TFL_CAPI_EXPORT const char *TfLiteOpaqueTensorName(const TfLiteOpaqueTensor *tensor) {
  return TfLiteTensorName(tensor);
}
TFL_CAPI_EXPORT TfLiteQuantizationParams TfLiteOpaqueTensorGetQuantizationParams(const TfLiteOpaqueTensor *tensor) {
  return TfLiteTensorQuantizationParams(tensor);
}
TFL_CAPI_EXPORT TfLiteQuantization TfLiteOpaqueTensorGetQuantization(const TfLiteOpaqueTensor *tensor) {
  return is_null(tensor) ? (TfLiteQuantization){kTfLiteNoQuantization, NULL} : tensor->quantization;
}
TFL_CAPI_EXPORT TfLiteAllocationType TfLiteOpaqueTensorGetAllocationType(const TfLiteOpaqueTensor *tensor) {
  return is_null(tensor) ? kTfLiteMemNone : tensor->allocation_type;
}
TFL_CAPI_EXPORT int TfLiteOpaqueTensorIsVariable(const TfLiteOpaqueTensor *tensor) {
  return !is_null(tensor) && tensor->is_variable;
}
TFL_CAPI_EXPORT TfLiteStatus TfLiteOpaqueTensorGetNumDimsSignature(const TfLiteOpaqueTensor *tensor, int32_t *count) {
  if (is_null(tensor) || is_null(count)) {
    return kTfLiteError;
  }
  *count = tensor->dims_signature == NULL ? -1 : tensor->dims_signature->size;
  return kTfLiteOk;
}
TFL_CAPI_EXPORT TfLiteStatus TfLiteOpaqueTensorGetDimSignature(const TfLiteOpaqueTensor *tensor, int32_t dim_index,
                                                               int32_t *dim_length) {
  if (is_null(tensor) || is_null(dim_length)) {
    return kTfLiteError;
  }
  const TfLiteIntArray *dims = tensor->dims_signature;
  if (dims == NULL || dim_index < 0 || dim_index >= dims->size) {
    dimension(tensor, dims, dim_index);
    return kTfLiteError;
  }
  *dim_length = dims->data[dim_index];
  return kTfLiteOk;
}
TFL_CAPI_EXPORT TfLiteStatus TfLiteOpaqueTensorCopyFromBuffer(TfLiteOpaqueTensor *tensor, const void *data,
                                                              size_t size) {
  return TfLiteTensorCopyFromBuffer(tensor, data, size);
}
TFL_CAPI_EXPORT TfLiteStatus TfLiteOpaqueTensorCopyToBuffer(const TfLiteOpaqueTensor *tensor, void *data, size_t size) {
  return TfLiteTensorCopyToBuffer(tensor, data, size);
}
