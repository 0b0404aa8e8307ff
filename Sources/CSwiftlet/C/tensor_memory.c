// Making and freeing tensors: those of interpreters, and those that callers fill in themselves.
#include "swl_capi.h"

#include <stdlib.h>
#include <string.h>

TfLiteTensor *swl_tensors_create(size_t count, const swl_reporter *reporter) {
  TfLiteTensor *tensors = calloc(count > 0 ? count : 1, sizeof *tensors);
  if (tensors != NULL) {
    for (size_t i = 0; i < count; i++) {
      tensors[i].allocation = reporter;
      tensors[i].buffer_handle = kTfLiteNullBufferHandle;
    }
  }
  return tensors;
}

void swl_tensors_delete(TfLiteTensor *tensors, size_t count) {
  if (tensors == NULL) {
    return;
  }
  for (size_t i = 0; i < count; i++) {
    TfLiteTensor *tensor = &tensors[i];
    TfLiteIntArrayFree(tensor->dims);
    // The tensor's own copy; the structure shows it read-only.
    TfLiteIntArrayFree((TfLiteIntArray *)(uintptr_t)tensor->dims_signature);
    free((char *)(uintptr_t)tensor->name);
    TfLiteQuantizationFree(&tensor->quantization);
  }
  free(tensors);
}

bool swl_tensor_quantize(TfLiteTensor *tensor, const float *scales, const int32_t *zero_points, size_t count,
                         int32_t dimension) {
  if (count == 0 || count > INT32_MAX) {
    return count == 0;
  }
  TfLiteAffineQuantization *affine = malloc(sizeof *affine);
  if (affine == NULL) {
    return false;
  }
  affine->scale = TfLiteFloatArrayCreate((int)count);
  affine->zero_point = TfLiteIntArrayCreate((int)count);
  affine->quantized_dimension = dimension;
  tensor->quantization = (TfLiteQuantization){kTfLiteAffineQuantization, affine};
  if (affine->scale == NULL || affine->zero_point == NULL) {
    return false;
  }
  memcpy(affine->scale->data, scales, count * sizeof(float));
  memcpy(affine->zero_point->data, zero_points, count * sizeof(int32_t));
  if (count == 1) {
    tensor->params = (TfLiteQuantizationParams){scales[0], zero_points[0]};
  }
  return true;
}

void TfLiteQuantizationFree(TfLiteQuantization *quantization) {
  if (quantization == NULL) {
    return;
  }
  if (quantization->type == kTfLiteAffineQuantization && quantization->params != NULL) {
    TfLiteAffineQuantization *affine = quantization->params;
    TfLiteFloatArrayFree(affine->scale);
    TfLiteIntArrayFree(affine->zero_point);
    free(affine);
  }
  *quantization = (TfLiteQuantization){kTfLiteNoQuantization, NULL};
}

void TfLiteSparsityFree(TfLiteSparsity *sparsity) {
  if (sparsity == NULL) {
    return;
  }
  TfLiteIntArrayFree(sparsity->traversal_order);
  TfLiteIntArrayFree(sparsity->block_map);
  for (int i = 0; sparsity->dim_metadata != NULL && i < sparsity->dim_metadata_size; i++) {
    TfLiteIntArrayFree(sparsity->dim_metadata[i].array_segments);
    TfLiteIntArrayFree(sparsity->dim_metadata[i].array_indices);
  }
  free(sparsity->dim_metadata);
  free(sparsity);
}

static bool owns_data(const TfLiteTensor *t) {
  return t->allocation_type == kTfLiteDynamic || t->allocation_type == kTfLitePersistentRo;
}

void TfLiteTensorDataFree(TfLiteTensor *t) {
  if (t == NULL) {
    return;
  }
  if (owns_data(t)) {
    free(t->data.raw);
  }
  t->data.raw = NULL;
}

void TfLiteTensorFree(TfLiteTensor *t) {
  if (t == NULL) {
    return;
  }
  TfLiteTensorDataFree(t);
  TfLiteIntArrayFree(t->dims);
  TfLiteIntArrayFree((TfLiteIntArray *)(uintptr_t)t->dims_signature);
  t->dims = NULL;
  t->dims_signature = NULL;
  TfLiteQuantizationFree(&t->quantization);
  TfLiteSparsityFree(t->sparsity);
  t->sparsity = NULL;
}

void TfLiteTensorReset(TfLiteType type, const char *name, TfLiteIntArray *dims, TfLiteQuantizationParams quantization,
                       char *buffer, size_t size, TfLiteAllocationType allocation_type, const void *allocation,
                       bool is_variable, TfLiteTensor *tensor) {
  if (tensor == NULL) {
    swl_fail(NULL, "the tensor is NULL");
    return;
  }
  TfLiteTensorFree(tensor);
  *tensor = (TfLiteTensor){.type = type,
                           .data = {.raw = buffer},
                           .dims = dims,
                           .params = quantization,
                           .allocation_type = allocation_type,
                           .bytes = size,
                           .allocation = allocation,
                           .name = name,
                           .buffer_handle = kTfLiteNullBufferHandle,
                           .is_variable = is_variable};
}

TfLiteStatus TfLiteTensorResizeMaybeCopy(size_t num_bytes, TfLiteTensor *tensor, bool preserve_data) {
  if (tensor == NULL) {
    swl_fail(NULL, "the tensor is NULL");
    return kTfLiteError;
  }
  if (!owns_data(tensor)) {
    return kTfLiteOk;
  }
  if (num_bytes == 0) {
    TfLiteTensorDataFree(tensor);
    tensor->bytes = 0;
    return kTfLiteOk;
  }
  void *memory = preserve_data ? realloc(tensor->data.raw, num_bytes) : malloc(num_bytes);
  if (memory == NULL) {
    swl_fail_tensor(tensor, "out of memory while resizing a tensor");
    return kTfLiteError;
  }
  if (!preserve_data) {
    free(tensor->data.raw);
  }
  tensor->data.raw = memory;
  tensor->bytes = num_bytes;
  return kTfLiteOk;
}

TfLiteStatus TfLiteTensorRealloc(size_t num_bytes, TfLiteTensor *tensor) {
  return TfLiteTensorResizeMaybeCopy(num_bytes, tensor, true);
}
