// Making and freeing tensors: those of interpreters, and those that callers fill in themselves.
#include "swl_capi.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/// Tensors and what belongs to them, in one block.
typedef struct table {
  char *next, *end;
  TfLiteTensor tensors[];
} table;

static table *table_of(const TfLiteTensor *tensors) { return (table *)((uintptr_t)tensors - offsetof(table, tensors)); }

static size_t aligned(size_t bytes) { return (bytes + 7) & ~(size_t)7; }

size_t swl_array_room(size_t count) { return aligned(sizeof(TfLiteIntArray) + count * sizeof(int)); }

size_t swl_quantization_room(size_t count) {
  return aligned(sizeof(TfLiteAffineQuantization)) + aligned(sizeof(TfLiteFloatArray) + count * sizeof(float)) +
         swl_array_room(count);
}

TfLiteTensor *swl_tensors_create(size_t count, size_t room, const swl_reporter *reporter) {
  const size_t bytes = sizeof(table) + count * sizeof(TfLiteTensor);
  table *made = room < SIZE_MAX / 2 ? malloc(bytes + room) : NULL;
  if (made == NULL) {
    return NULL;
  }
  memset(made, 0, bytes);
  made->next = (char *)made + bytes;
  made->end = made->next + room;
  for (size_t i = 0; i < count; i++) {
    made->tensors[i].allocation = reporter;
    made->tensors[i].buffer_handle = kTfLiteNullBufferHandle;
  }
  return made->tensors;
}

const void *swl_no_name(void) { return ""; }

/// `bytes` of the room; NULL where it is used up.
static void *take(TfLiteTensor *tensors, size_t bytes) {
  table *from = table_of(tensors);
  if ((size_t)(from->end - from->next) < bytes) {
    return NULL;
  }
  void *taken = from->next;
  from->next += bytes;
  return taken;
}

TfLiteIntArray *swl_tensors_array(TfLiteTensor *tensors, size_t count) {
  TfLiteIntArray *array = count > INT32_MAX ? NULL : take(tensors, swl_array_room(count));
  if (array == NULL) {
    return count > INT32_MAX ? NULL : TfLiteIntArrayCreate((int)count);
  }
  array->size = (int)count;
  return array;
}

void swl_tensors_free_array(const TfLiteTensor *tensors, const TfLiteIntArray *array) {
  const table *from = table_of(tensors);
  const uintptr_t at = (uintptr_t)array;
  if (at < (uintptr_t)from || at >= (uintptr_t)from->end) {
    TfLiteIntArrayFree((TfLiteIntArray *)at);
  }
}

void swl_tensors_delete(TfLiteTensor *tensors, size_t count) {
  if (tensors == NULL) {
    return;
  }
  for (size_t i = 0; i < count; i++) {
    swl_tensors_free_array(tensors, tensors[i].dims);
    swl_tensors_free_array(tensors, tensors[i].dims_signature);
  }
  free(table_of(tensors));
}

bool swl_tensor_reserve_quantization(TfLiteTensor *tensors, size_t index, size_t count) {
  tensors[index].quantization.params = count > INT32_MAX ? NULL : take(tensors, swl_quantization_room(count));
  return tensors[index].quantization.params != NULL;
}

void swl_tensor_quantize(TfLiteTensor *tensor, const float *scales, const int32_t *zero_points, size_t count,
                         int32_t dimension) {
  TfLiteAffineQuantization *affine = tensor->quantization.params;
  char *memory = (char *)affine;
  affine->scale = (void *)(memory + aligned(sizeof *affine));
  affine->zero_point = (void *)((char *)affine->scale + aligned(sizeof(TfLiteFloatArray) + count * sizeof(float)));
  affine->scale->size = affine->zero_point->size = (int)count;
  affine->quantized_dimension = dimension;
  tensor->quantization = (TfLiteQuantization){kTfLiteAffineQuantization, affine};
  memcpy(affine->scale->data, scales, count * sizeof(float));
  memcpy(affine->zero_point->data, zero_points, count * sizeof(int32_t));
  if (count == 1) {
    tensor->params = (TfLiteQuantizationParams){scales[0], zero_points[0]};
  }
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
